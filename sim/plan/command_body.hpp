#pragma once

#include <string>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::sim {

/// A command as the gateway takes it, from JSON. Unlike at the edge the body may hold what a server makes up (an order's
/// id): a plan says what comes of it. Errors: those of schema::message_draft, `malformed_json`.
result<bytes> encode_command(const schema::aggregate_contract& contract, const schema::command_type& command,
                             const std::string& body);

}  // namespace bv::sim
