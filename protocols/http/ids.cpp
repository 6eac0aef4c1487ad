#include "protocols/http/ids.hpp"

#include <openssl/sha.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

#include "protocols/schema/base/assert.hpp"

namespace bv::http {
namespace {

void append_hex(std::string& out, const unsigned char* data, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < count; ++i) {
    out += digits[data[i] >> 4];
    out += digits[data[i] & 15];
  }
}

constexpr std::size_t drawn_at_once = 1024;

}  // namespace

std::string random_hex(std::size_t count) {
  // A system call for each id would cost more than the rest of a small request's parsing.
  thread_local std::array<unsigned char, drawn_at_once> pool;
  thread_local std::size_t used = pool.size();
  BV_ASSERT(count <= pool.size(), "an id is that long");
  if (count > pool.size() - used) {
    for (std::size_t filled = 0; filled < pool.size();) {
      const auto got = ::getrandom(pool.data() + filled, pool.size() - filled, 0);
      BV_ASSERT(got > 0 || errno == EINTR, "the system has no random numbers");
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used = 0;
  }
  std::string text;
  text.reserve(2 * count);
  append_hex(text, pool.data() + used, count);
  used += count;
  return text;
}

std::string derived_hex(std::string_view command_id, std::string_view what) {
  std::string source(command_id);
  source.append(1, '\0').append(what);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(source.data()), source.size(), digest.data());
  std::string text;
  append_hex(text, digest.data(), 16);
  return text;
}

}  // namespace bv::http
