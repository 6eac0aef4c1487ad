#pragma once

#include <cstddef>
#include <cstdint>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/strong.hpp"
#include "protocols/schema/replication/messages.hpp"
#include "storage/types.hpp"

namespace bv::replication {

/// A member of a group. Never used again once it was removed; 0 means "none".
using server_id = strong<struct server_tag, std::uint64_t>;

using encoded::append_answer;
using encoded::append_request;
using encoded::body;
using encoded::configuration;
using encoded::mend_answer;
using encoded::mend_request;
using encoded::message;
using encoded::read_round;
using encoded::read_round_answer;
using encoded::server;
using encoded::server_role;
using encoded::take_over;
using encoded::vote_answer;
using encoded::vote_request;

/// What an entry of the log is. The numbers of all but `batch` are those of control batches and never change.
enum class entry_kind : std::uint8_t {
  batch = 0,          ///< records of the shard
  barrier = 1,        ///< nothing: opens a leader's term
  configuration = 2,  ///< who belongs to the group from here on
};

/// One entry as it lies in the journal and goes over the wire: a sealed batch.
struct entry {
  storage::log_index index;
  storage::term_number term;
  storage::event_offset next_offset;  ///< of the first event after it
  entry_kind kind = entry_kind::batch;
  shared_bytes data;
};

/// Reads a sealed batch as an entry; every checksum is verified. Errors as storage::batch_reader's, and
/// `entry_kind_unknown` for a control batch of a later version.
result<entry> open_entry(shared_bytes data);

/// The configuration that an entry of that kind holds. Errors: `malformed_message`.
result<configuration> configuration_in(const entry& from);

/// The entry of a kind other than `batch`. `members` is only for a configuration.
entry seal_entry(storage::log_index index, storage::event_offset first_offset, storage::term_number term,
                 entry_kind kind, const configuration& members = {});

/// How many servers vote.
std::size_t voters_of(const configuration& members);
/// Null if it is no member.
const server* member(const configuration& members, server_id who);
bool votes(const configuration& members, server_id who);

}  // namespace bv::replication
