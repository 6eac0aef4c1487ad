#include "protocols/schema/message.hpp"

#include <kj/exception.h>

#include <array>
#include <cstring>
#include <vector>

namespace bv::schema {
namespace {

constexpr std::size_t stack_words = 512;
constexpr int nesting_max = 32;

tl::unexpected<error> malformed(std::string why) {
  return failure(error_kind::invalid, "malformed_message", "not a Cap'n Proto message of this type: " + std::move(why));
}

}  // namespace

bytes to_bytes(capnp::MessageBuilder& message) {
  const auto segments = message.getSegmentsForOutput();
  // Almost every message is one segment: its table is {0, size}, then the words as they are.
  if (segments.size() == 1) {
    const auto body = segments[0].asBytes();
    const std::uint32_t table[2] = {0, static_cast<std::uint32_t>(segments[0].size())};
    bytes data;
    data.reserve(sizeof(table) + body.size());
    data.append(reinterpret_cast<const char*>(table), sizeof(table));
    data.append(reinterpret_cast<const char*>(body.begin()), body.size());
    return data;
  }
  const auto words = capnp::messageToFlatArray(segments);
  const auto all = words.asBytes();
  return bytes(reinterpret_cast<const char*>(all.begin()), all.size());
}

error duplicate_key(std::string_view list) {
  return {error_kind::invalid, "duplicate_key", "two elements have the same key", std::string(list)};
}

error unknown_member(std::string_view of) {
  return {error_kind::invalid, "unknown_member", "a member of " + std::string(of) + " that this version does not know", {}};
}

result<void> read_message(bytes_view data, const std::function<void(capnp::MessageReader&)>& read) {
  if (data.size() % sizeof(capnp::word) != 0 || data.empty())
    return malformed("its size is not a multiple of 8 bytes");
  const std::size_t count = data.size() / sizeof(capnp::word);
  // Views into journal batches are not aligned, and Cap'n Proto insists.
  std::array<capnp::word, stack_words> on_stack;
  std::vector<capnp::word> on_heap;
  capnp::word* words = on_stack.data();
  if (count > on_stack.size()) {
    on_heap.resize(count);
    words = on_heap.data();
  }
  std::memcpy(static_cast<void*>(words), data.data(), data.size());
  // A message may point twice at one place, but not so often that reading it costs more than a few times its size.
  capnp::ReaderOptions bounds;
  bounds.traversalLimitInWords = 8 * count + 64;
  bounds.nestingLimit = nesting_max;
  try {
    capnp::FlatArrayMessageReader reader(kj::arrayPtr(words, count), bounds);
    read(reader);
    return {};
  } catch (const contract_breach& breach) {
    return tl::unexpected<error>(breach.why);
  } catch (const kj::Exception& e) {
    return malformed(e.getDescription().cStr());
  }
}

}  // namespace bv::schema
