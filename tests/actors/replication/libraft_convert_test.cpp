#include "actors/replication/libraft_convert.hpp"

#include <doctest/doctest.h>

extern "C" {
#include <raft.h>
}

namespace bv::replication {
namespace {

body there_and_back(const body& what) {
  raft_message message;
  const std::string address = "5";
  to_libraft(server_id{5}, address, what, {}, message);
  CHECK(message.server_id == 5);
  std::size_t entries = 7;
  const auto back = to_body(message, entries);
  CHECK(entries == 0);
  return *back;
}

}  // namespace

TEST_CASE("libraft: messages come back as they went") {
  for (const body& what : {body(vote_request{3, 5, 10, 2, true, false}), body(vote_request{3, 5, 10, 2, false, true}),
                           body(vote_answer{4, true, false}), body(vote_answer{4, false, true}),
                           body(append_request{6, 9, 5, 8, {}}), body(append_answer{6, 2, 11}), body(take_over{7, 20, 6})})
    CHECK(there_and_back(what) == what);
  raft_message snapshot{};
  snapshot.type = RAFT_IO_INSTALL_SNAPSHOT;
  std::size_t entries = 0;
  CHECK_FALSE(to_body(snapshot, entries));
}

TEST_CASE("libraft: labels and configurations come back as they went") {
  const configuration members{{{7, server_role::voter}, {300, server_role::learner}, {1, server_role::observer}}};
  raft_configuration theirs;
  to_libraft(members, theirs);
  CHECK(to_configuration(theirs) == members);
  raft_configuration_close(&theirs);
  for (const auto kind : {entry_kind::batch, entry_kind::barrier, entry_kind::configuration}) {
    const entry_label label{storage::term_number{9}, kind, kind == entry_kind::configuration ? members : configuration{}};
    const raft_entry theirs_too{9, type_of(kind), payload_of(label), nullptr};
    const auto back = label_of(theirs_too);
    CHECK(back.kind == kind);
    CHECK(back.term == label.term);
    CHECK(back.members == label.members);
    raft_free(theirs_too.buf.base);
  }
}

TEST_CASE("libraft: its codes become errors of ours") {
  CHECK(outcome_of(0, "a change"));
  CHECK(outcome_of(RAFT_NOTLEADER, "a change").error().code == "not_leader");
  CHECK(outcome_of(RAFT_CANTCHANGE, "a change").error().code == "change_pending");
  CHECK(outcome_of(RAFT_DUPLICATEID, "a change").error().code == "already_member");
  CHECK(outcome_of(RAFT_BADID, "a change").error().code == "no_such_server");
  CHECK(outcome_of(RAFT_NOMEM, "a change").error().code == "consensus_failed");
}

}  // namespace bv::replication
