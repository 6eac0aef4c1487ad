#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "actors/replication/consensus.hpp"

struct raft_buffer;
struct raft_configuration;
struct raft_entry;
struct raft_message;

/// Between libraft's structs and our values. Whatever is filled for libraft is allocated with raft_malloc and belongs to it.
namespace bv::replication {

/// What libraft's code means for `what`, a noun phrase that begins a sentence.
result<void> outcome_of(int code, std::string_view what);

/// libraft wants an address of every server, and no two alike; ours is the id.
std::string address_of(server_id who);

/// Null for InstallSnapshot, which we never send.
std::optional<body> to_body(const raft_message& from, std::size_t& entries);
/// `address` must live until libraft has taken the message.
void to_libraft(server_id sender, const std::string& address, const body& from, std::span<const entry_label> entries,
                raft_message& to);

configuration to_configuration(const raft_configuration& from);
void to_libraft(const configuration& from, raft_configuration& to);

/// What libraft keeps of an entry: for a configuration its bytes, for others eight bytes of nothing.
raft_buffer payload_of(const entry_label& of);
/// libraft's number for it.
unsigned short type_of(entry_kind kind);
/// The label of an entry that libraft made or was given.
entry_label label_of(const raft_entry& from);

}  // namespace bv::replication
