#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstddef>
#include <functional>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::schema {

/// Thrown by generated readers, caught by read_message(): a message that is sound and breaks the contract.
struct contract_breach {
  error why;
};

/// A message of a few KiB takes no heap while it is built.
inline constexpr std::size_t scratch_words = 256;

/// The bytes of a message, segment table included.
bytes to_bytes(capnp::MessageBuilder& message);

/// Calls `read` with a reader over `data`, which may be anything: not aligned, cut short, hostile. Bounds what it may
/// make us do. Errors (kind invalid): `malformed_message`, or what the reader found.
result<void> read_message(bytes_view data, const std::function<void(capnp::MessageReader&)>& read);

error duplicate_key(std::string_view list);
error unknown_member(std::string_view of);

/// One message with `value` as its root, written by the generated write().
template <class Wire, class Value>
bytes encode_message(const Value& value) {
  alignas(8) std::byte scratch[scratch_words * sizeof(capnp::word)] = {};
  capnp::MallocMessageBuilder message(kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch), scratch_words));
  write(value, message.initRoot<Wire>());
  return to_bytes(message);
}

/// The reverse, by the generated read().
template <class Wire, class Value>
result<void> decode_message(bytes_view data, Value& value) {
  return read_message(data, [&](capnp::MessageReader& message) { read(message.getRoot<Wire>(), value); });
}

}  // namespace bv::schema
