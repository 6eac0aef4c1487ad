#include "actors/replication/libraft_convert.hpp"

#include <cstring>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/overloaded.hpp"
#include "storage/coding.hpp"

extern "C" {
#include <raft.h>
}

namespace bv::replication {
namespace {

// libraft frees and copies buffers without looking at their size: an empty one would be a null pointer to it.
constexpr std::size_t empty_payload_size = 8;
constexpr std::uint8_t configuration_format = 1;

void* allocate(std::size_t size) {
  auto* const memory = raft_malloc(size);
  BV_ASSERT(memory, "out of memory");
  return memory;
}

/// libraft gives all entries of a message back in one piece, so they must be one.
void fill_entries(std::span<const entry_label> from, raft_append_entries& to) {
  to.n_entries = static_cast<unsigned>(from.size());
  to.entries = nullptr;
  if (from.empty()) return;
  std::vector<raft_buffer> payloads;
  std::size_t size = 0;
  for (const auto& label : from) size += payloads.emplace_back(payload_of(label)).len;
  auto* const entries = static_cast<raft_entry*>(allocate(from.size() * sizeof(raft_entry)));
  auto* const all = static_cast<char*>(allocate(size));
  std::size_t at = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::memcpy(all + at, payloads[i].base, payloads[i].len);
    entries[i] = {from[i].term.value, type_of(from[i].kind), {all + at, payloads[i].len}, all};
    at += payloads[i].len;
    raft_free(payloads[i].base);
  }
  to.entries = entries;
}

error refused(int code, std::string_view what) {
  switch (code) {
    case RAFT_NOTLEADER:
    case RAFT_LEADERSHIPLOST:
      return {error_kind::unavailable, "not_leader", std::string(what) + " is for the leader, which this server is not"};
    case RAFT_CANTCHANGE:
      return {error_kind::conflict, "change_pending", "another change of the group is under way"};
    case RAFT_DUPLICATEID: return {error_kind::conflict, "already_member", "the server is a member already"};
    case RAFT_BADROLE: return {error_kind::conflict, "same_role", "the server has that role already"};
    case RAFT_NOTFOUND:
    case RAFT_BADID: return {error_kind::not_found, "no_such_server", std::string(what) + ": the group has no such server"};
    case RAFT_NOCONNECTION:
      return {error_kind::timeout, "catch_up_timeout", "the server did not come level with the log in time"};
    default: return {error_kind::internal, "consensus_failed", std::string(what) + ": " + raft_strerror(code)};
  }
}

}  // namespace

result<void> outcome_of(int code, std::string_view what) {
  if (code == 0) return {};
  return failure(refused(code, what));
}

unsigned short type_of(entry_kind kind) {
  switch (kind) {
    case entry_kind::barrier: return RAFT_BARRIER;
    case entry_kind::configuration: return RAFT_CHANGE;
    case entry_kind::batch: break;
  }
  return RAFT_COMMAND;
}

std::string address_of(server_id who) { return std::to_string(who.value); }

std::optional<body> to_body(const raft_message& from, std::size_t& entries) {
  entries = 0;
  switch (from.type) {
    case RAFT_IO_REQUEST_VOTE: {
      const auto& m = from.request_vote;
      return vote_request{m.term, m.candidate_id, m.last_log_index, m.last_log_term, m.disrupt_leader, m.pre_vote};
    }
    case RAFT_IO_REQUEST_VOTE_RESULT: {
      const auto& m = from.request_vote_result;
      return vote_answer{m.term, m.vote_granted, m.pre_vote == raft_tribool_true};
    }
    case RAFT_IO_APPEND_ENTRIES: {
      const auto& m = from.append_entries;
      entries = m.n_entries;
      return append_request{m.term, m.prev_log_index, m.prev_log_term, m.leader_commit, {}};
    }
    case RAFT_IO_APPEND_ENTRIES_RESULT: {
      const auto& m = from.append_entries_result;
      return append_answer{m.term, m.rejected, m.last_log_index};
    }
    case RAFT_IO_TIMEOUT_NOW: {
      const auto& m = from.timeout_now;
      return take_over{m.term, m.last_log_index, m.last_log_term};
    }
    default: return std::nullopt;
  }
}

void to_libraft(server_id sender, const std::string& address, const body& from, std::span<const entry_label> entries,
                raft_message& to) {
  to = {};
  to.server_id = sender.value;
  to.server_address = address.c_str();
  std::visit(overloaded{
                 [&](const vote_request& m) {
                   to.type = RAFT_IO_REQUEST_VOTE;
                   to.request_vote = {m.term, m.candidate, m.last_index, m.last_term, m.disrupt_leader, m.pre_vote};
                 },
                 [&](const vote_answer& m) {
                   to.type = RAFT_IO_REQUEST_VOTE_RESULT;
                   to.request_vote_result = {m.term, m.granted, TO_RAFT_TRIBOOL(m.pre_vote)};
                 },
                 [&](const append_request& m) {
                   to.type = RAFT_IO_APPEND_ENTRIES;
                   to.append_entries = {m.term, m.previous_index, m.previous_term, m.committed, nullptr, 0};
                   fill_entries(entries, to.append_entries);
                 },
                 [&](const append_answer& m) {
                   to.type = RAFT_IO_APPEND_ENTRIES_RESULT;
                   to.append_entries_result = {m.term, m.rejected, m.last_index};
                 },
                 [&](const take_over& m) {
                   to.type = RAFT_IO_TIMEOUT_NOW;
                   to.timeout_now = {m.term, m.last_index, m.last_term};
                 },
                 [](const auto&) { BV_ASSERT(false, "a message that is not Raft's was given to libraft"); },
             },
             from);
}

configuration to_configuration(const raft_configuration& from) {
  configuration made;
  for (unsigned i = 0; i < from.n; ++i)
    made.servers.push_back({from.servers[i].id, static_cast<server_role>(from.servers[i].role)});
  return made;
}

void to_libraft(const configuration& from, raft_configuration& to) {
  raft_configuration_init(&to);
  for (const auto& one : from.servers) {
    const auto outcome = raft_configuration_add(&to, one.id, address_of(server_id{one.id}).c_str(), static_cast<int>(one.role));
    BV_ASSERT(outcome == 0, "a configuration names a server twice");
  }
}

raft_buffer payload_of(const entry_label& of) {
  raft_buffer made{};
  if (of.kind == entry_kind::configuration) {
    raft_configuration members;
    to_libraft(of.members, members);
    const auto outcome = raft_configuration_encode(&members, &made);
    raft_configuration_close(&members);
    BV_ASSERT(outcome == 0, "out of memory");
    return made;
  }
  made = {allocate(empty_payload_size), empty_payload_size};
  std::memset(made.base, 0, made.len);
  return made;
}

entry_label label_of(const raft_entry& from) {
  entry_label made{.term = storage::term_number{from.term}, .members = {}};
  if (from.type == RAFT_BARRIER) made.kind = entry_kind::barrier;
  if (from.type != RAFT_CHANGE) return made;
  // libraft's encoding: format u8, count u64, then for each server {id u64, address with its zero, role u8}, padded.
  made.kind = entry_kind::configuration;
  storage::decoder in(bytes_view(static_cast<const char*>(from.buf.base), from.buf.len));
  const auto format = in.fixed<std::uint8_t>();
  const auto count = in.fixed<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in.ok; ++i) {
    const auto id = in.fixed<std::uint64_t>();
    const auto end = in.rest.find('\0');
    if (end == bytes_view::npos) in.ok = false;
    if (in.ok) in.rest.remove_prefix(end + 1);
    made.members.servers.push_back({id, static_cast<server_role>(in.fixed<std::uint8_t>())});
  }
  BV_ASSERT(in.ok && format == configuration_format, "libraft encodes configurations in another way than it did");
  return made;
}

}  // namespace bv::replication
