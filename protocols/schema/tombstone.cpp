#include "protocols/schema/tombstone.hpp"

#include <capnp/any.h>

#include "protocols/schema/message.hpp"
#include "protocols/schema/wire_layout.hpp"

namespace bv::schema {

bool is_gone(const aggregate_contract& contract, bytes_view state) {
  const field* mark = nullptr;
  for (const auto& one : contract.state().fields())
    if (one.tombstone) mark = &one;
  if (!mark) return false;
  bool gone = false;
  const auto read = read_message(state, [&](capnp::MessageReader& message) {
    gone = read_bits(message.getRoot<capnp::AnyStruct>().getDataSection(), *mark) != 0;
  });
  return read && gone;
}

}  // namespace bv::schema
