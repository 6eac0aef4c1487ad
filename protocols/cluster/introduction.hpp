#pragma once

#include <cstdint>

#include "actors/runtime/interconnect.hpp"
#include "protocols/cluster/certificate_facts.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

/// A node as it introduces itself: its hello, and which of its lives this is.
struct introduction {
  runtime::node_hello hello;
  std::uint64_t instance = 0;
  friend bool operator==(const introduction&, const introduction&) = default;
};

bytes encode_hello(const introduction& of);
/// Errors: `hello_malformed`.
result<introduction> decode_hello(bytes_view data);

/// What the other end is told. The message is cut to what the contract takes.
bytes encode_refusal(const error& why);
/// The error, worded as the other end's. One that can't be read is `refusal_malformed`.
error decode_refusal(bytes_view data);

/// Whether the other end may be who it says, apart from what the listener thinks. `certificate`: null where links are insecure.
/// Errors: `own_address` (this very process), `node_id_taken` (another process with this node's id), and those of
/// check_certificate().
result<void> check_introduction(const introduction& other, const introduction& self, const certificate_facts* certificate);

}  // namespace bv::cluster
