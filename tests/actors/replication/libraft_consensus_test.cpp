// covers: actors/replication/libraft_io.cpp
// One instance, spoken to by hand: what libraft would do wrong by itself, numbered as in libraft_consensus.cpp.
#include "actors/replication/libraft_consensus.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bv::replication {
namespace {

using storage::log_index;
using storage::term_number;

const configuration three{{{1, server_role::voter}, {2, server_role::voter}, {3, server_role::voter}}};

struct hand_world final : consensus_world {
  void save(const storage::hard_state& state) override { saved = state; }
  void append(log_index, std::vector<entry_label> entries, std::uint64_t ticket) override {
    last_ticket = ticket;
    for (const auto& one : entries) appended.push_back(one.kind);
  }
  void truncate(log_index from) override { truncated = from; }
  void send(server_id, body what, std::size_t) override { sent.push_back(std::move(what)); }
  void left_behind(server_id) override {}
  std::uint64_t now_ms() override { return now; }
  std::uint64_t random_below(std::uint64_t) override { return 0; }

  template <class Message>
  const Message& newest() const {
    for (auto at = sent.rbegin(); at != sent.rend(); ++at)
      if (const auto* const found = std::get_if<Message>(&*at)) return *found;
    FAIL("no such message was sent");
    throw 0;
  }

  storage::hard_state saved;
  std::uint64_t last_ticket = 0, now = 1000;
  std::vector<entry_kind> appended;
  log_index truncated;
  std::vector<body> sent;
};

/// Server 1 with entry 1, the configuration, committed, and entry 2 of term 1 not.
struct instance {
  explicit instance(configuration members = three, server_id self = server_id{1})
      : raft(self, {.election_timeout_ms = 100, .heartbeat_ms = 20, .retained_entries = 4}, world) {
    start_point from;
    from.hard = {term_number{1}, 0};
    from.committed = log_index{1};
    from.committed_term = term_number{1};
    from.configurations[log_index{1}] = std::move(members);
    from.entries.push_back({term_number{1}, entry_kind::batch, {}});
    REQUIRE(raft.start(from));
  }
  void lead() {
    world.now += 200;
    raft.tick();
    raft.receive(server_id{2}, vote_answer{2, true, true}, {});
    raft.receive(server_id{2}, vote_answer{2, true, false}, {});
    REQUIRE(raft.view().is == standing::leader);
  }
  hand_world world;
  libraft_consensus raft;
};

}  // namespace

TEST_CASE("libraft 1: an entry of an earlier term is not committed by counting") {
  instance one;
  one.lead();
  CHECK(one.world.saved == storage::hard_state{term_number{2}, 1});
  CHECK(one.world.appended == std::vector{entry_kind::barrier});
  one.raft.receive(server_id{2}, append_answer{2, 0, 2}, {});
  CHECK(one.raft.view().committed == log_index{1});
  one.raft.durable(one.world.last_ticket);
  CHECK(one.raft.view().committed == log_index{1});
  CHECK_FALSE(one.raft.view().serving);
  one.raft.receive(server_id{2}, append_answer{2, 0, 3}, {});
  CHECK(one.raft.view().committed == log_index{3});
  CHECK(one.raft.view().serving);
}

TEST_CASE("libraft 2: what a majority has is committed while the leader's disk is ahead") {
  instance one;
  one.lead();
  one.raft.durable(one.world.last_ticket);
  one.raft.receive(server_id{2}, append_answer{2, 0, 3}, {});
  for (int i = 0; i < 3; ++i) REQUIRE(one.raft.append());
  one.raft.durable(one.world.last_ticket);
  CHECK(one.raft.view().last == log_index{6});
  one.raft.receive(server_id{3}, append_answer{2, 0, 5}, {});
  CHECK(one.raft.view().committed == log_index{5});
}

TEST_CASE("libraft 2: nothing is committed that the leader itself has not stored") {
  instance one;
  one.lead();
  one.raft.durable(one.world.last_ticket);
  REQUIRE(one.raft.append());
  one.raft.receive(server_id{2}, append_answer{2, 0, 4}, {});
  CHECK(one.raft.view().committed <= log_index{3});
  one.raft.durable(one.world.last_ticket);
  CHECK(one.raft.view().committed == log_index{4});
}

TEST_CASE("libraft 3: a rest of an earlier term is not reported as the leader's") {
  instance one;
  one.raft.receive(server_id{2}, append_request{3, 1, 1, 1, {}}, {});
  CHECK(one.world.newest<append_answer>() == append_answer{3, 0, 1});
  one.raft.receive(server_id{2}, append_request{3, 2, 1, 1, {}}, {});
  CHECK(one.world.newest<append_answer>() == append_answer{3, 0, 2});
}

TEST_CASE("libraft 4: a lone voter leads a new term") {
  instance one(configuration{{{1, server_role::voter}}});
  CHECK(one.raft.view().is == standing::leader);
  CHECK(one.raft.view().term == term_number{2});
  CHECK(one.world.saved == storage::hard_state{term_number{2}, 1});
}

TEST_CASE("libraft 5: no election begins while a configuration is being written") {
  instance one;
  const entry_label change{term_number{1}, entry_kind::configuration, three};
  one.raft.receive(server_id{2}, append_request{1, 2, 1, 1, {}}, std::vector{change});
  one.world.now += 1000;
  one.raft.tick();
  CHECK(one.raft.view().is == standing::follower);
  one.raft.durable(one.world.last_ticket);
  one.raft.tick();
  CHECK(one.raft.view().is == standing::candidate);
}

TEST_CASE("libraft 6: of two uncommitted configurations the first is what a rollback of the second leaves") {
  instance one;
  auto four = three;
  four.servers.push_back({4, server_role::observer});
  auto five = four;
  five.servers.push_back({5, server_role::observer});
  const std::vector<entry_label> both{{term_number{1}, entry_kind::configuration, four},
                                      {term_number{1}, entry_kind::configuration, five}};
  one.raft.receive(server_id{2}, append_request{1, 2, 1, 1, {}}, both);
  one.raft.durable(one.world.last_ticket);
  CHECK(one.raft.members() == five);
  const entry_label other{term_number{2}, entry_kind::barrier, {}};
  one.raft.receive(server_id{3}, append_request{2, 3, 1, 1, {}}, std::vector{other});
  CHECK(one.world.truncated == log_index{4});
  CHECK(one.raft.members() == four);
  CHECK_FALSE(one.raft.view().configuration_committed);
}

TEST_CASE("libraft 7: a message that begins before what is in memory is understood") {
  instance one;
  const std::vector<entry_label> known{{term_number{1}, entry_kind::configuration, three}, {term_number{1}, entry_kind::batch, {}}};
  one.raft.receive(server_id{2}, append_request{1, 0, 0, 1, {}}, known);
  CHECK(one.world.newest<append_answer>() == append_answer{1, 0, 2});
  CHECK(one.raft.view().last == log_index{2});
}

TEST_CASE("libraft 8: a candidate that lost asks for pre-votes again") {
  instance one;
  one.world.now += 200;
  one.raft.tick();
  one.raft.receive(server_id{2}, vote_answer{2, true, true}, {});
  CHECK(one.raft.view().term == term_number{2});
  for (int i = 0; i < 5; ++i) {
    one.world.now += 300;
    one.raft.tick();
  }
  CHECK(one.raft.view().term == term_number{2});
  CHECK(one.world.newest<vote_request>().pre_vote);
}

TEST_CASE("libraft 9: a server votes whatever its own configuration makes of it") {
  instance one(configuration{{{2, server_role::voter}, {1, server_role::learner}}});
  one.raft.receive(server_id{2}, vote_request{2, 2, 2, 1, false, false}, {});
  CHECK(one.world.newest<vote_answer>() == vote_answer{2, true, false});
  CHECK(one.world.saved == storage::hard_state{term_number{2}, 2});
  CHECK(one.raft.members().servers.at(1).role == server_role::learner);
}

TEST_CASE("libraft: a learner forgets a leader that it has not heard of for an election timeout") {
  instance one(configuration{{{2, server_role::voter}, {1, server_role::learner}}});
  one.raft.receive(server_id{2}, append_request{1, 2, 1, 1, {}}, {});
  one.world.now += 50;
  one.raft.receive(server_id{2}, vote_request{2, 2, 2, 1, false, true}, {});
  CHECK_FALSE(one.world.newest<vote_answer>().granted);
  one.world.now += 60;
  one.raft.receive(server_id{2}, vote_request{2, 2, 2, 1, false, true}, {});
  CHECK(one.world.newest<vote_answer>().granted);
}

TEST_CASE("libraft 10: whom the leadership was offered gets one vote in a term as all do") {
  instance one;
  one.lead();
  one.raft.durable(one.world.last_ticket);
  one.raft.receive(server_id{2}, append_answer{2, 0, 3}, {});
  REQUIRE(one.raft.transfer(server_id{3}));
  one.raft.receive(server_id{2}, append_answer{3, 0, 0}, {});
  REQUIRE(one.raft.view().is == standing::follower);
  one.raft.receive(server_id{2}, vote_request{3, 2, 9, 2, false, false}, {});
  CHECK(one.world.newest<vote_answer>() == vote_answer{3, true, false});
  one.raft.receive(server_id{3}, vote_request{3, 3, 9, 2, true, false}, {});
  CHECK(one.world.newest<vote_answer>() == vote_answer{3, false, false});
}

TEST_CASE("libraft: a second leader of a term stops the instance") {
  instance one;
  one.lead();
  one.raft.receive(server_id{2}, append_request{2, 2, 1, 1, {}}, {});
  CHECK(one.raft.view().is == standing::failed);
  CHECK(one.raft.why_failed().code == "consensus_failed");
}

}  // namespace bv::replication
