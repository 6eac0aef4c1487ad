#include "protocols/http/gzip.hpp"

#include <zlib.h>

#include "protocols/schema/base/assert.hpp"

namespace bv::http {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // zlib's way to ask for a gzip header
constexpr int memory_level = 8;

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string gzip(std::string_view plain) {
  z_stream work{};
  BV_ASSERT(deflateInit2(&work, Z_BEST_SPEED, Z_DEFLATED, gzip_window_bits, memory_level,
                         Z_DEFAULT_STRATEGY) == Z_OK,
            "zlib has no memory");
  std::string packed(deflateBound(&work, plain.size()), '\0');
  work.next_in = bytes_of(plain);
  work.avail_in = static_cast<uInt>(plain.size());
  work.next_out = bytes_of(packed);
  work.avail_out = static_cast<uInt>(packed.size());
  BV_ASSERT(deflate(&work, Z_FINISH) == Z_STREAM_END, "deflateBound was no bound");
  packed.resize(work.total_out);
  deflateEnd(&work);
  return packed;
}

std::optional<std::string> gunzip(std::string_view packed, std::size_t size_bytes_max) {
  z_stream work{};
  if (inflateInit2(&work, gzip_window_bits) != Z_OK) return std::nullopt;
  work.next_in = bytes_of(packed);
  work.avail_in = static_cast<uInt>(packed.size());
  std::string plain;
  int state = Z_OK;
  while (state == Z_OK && plain.size() <= size_bytes_max) {
    const auto had = plain.size();
    plain.resize(had + 64 * 1024);
    work.next_out = bytes_of(plain) + had;
    work.avail_out = static_cast<uInt>(plain.size() - had);
    state = inflate(&work, Z_NO_FLUSH);
    plain.erase(plain.size() - work.avail_out);
  }
  inflateEnd(&work);
  if (state != Z_STREAM_END || plain.size() > size_bytes_max) return std::nullopt;
  return plain;
}

}  // namespace bv::http
