#pragma once

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::schema {

/// Whether a state says that its entity is gone: its $tombstone is set. False for contracts without one, and
/// for bytes that are no message.
bool is_gone(const aggregate_contract& contract, bytes_view state);

}  // namespace bv::schema
