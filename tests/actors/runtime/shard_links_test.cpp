// covers: actors/runtime/beat.cpp
#include "actors/runtime/shard_links.hpp"

#include <doctest/doctest.h>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/mailed_actor.hpp"
#include "sim/world/actor_turns.hpp"
#include "tests/actors/runtime/kept_net.hpp"

using namespace bv;
using namespace bv::runtime;

namespace {

/// Writes down what is mailed to it. A class, because UBSan finds fault with how CAF calls functions.
class listening_shard final : public mailed_actor {
 public:
  listening_shard(caf::actor_config& config, int number, std::vector<std::string>& heard)
      : mailed_actor(config), number_(std::to_string(number) + ": "), heard_(heard) {}
  caf::behavior make_behavior() override {
    return {[this](const peer_frame& mail) {
              if (mail.beat) {
                heard_.push_back(number_ + "in a beat from " + std::to_string(mail.from.value));
                held.push_back(mail.beat);
                return;
              }
              const auto& asked = std::get<frames::look>(mail.content);
              heard_.push_back(number_ + asked.entity + " from " + std::to_string(mail.from.value));
            },
            [this](const peer_link& mail) {
              heard_.push_back(number_ + std::to_string(mail.peer.value) + (mail.up ? " up" : " down"));
            }};
  }
  /// Beats that shards have not finished.
  static inline std::vector<beat_holder> held;

 private:
  const std::string number_;
  std::vector<std::string>& heard_;
};

node_hello hello(std::uint64_t id, std::uint64_t cluster) {
  const auto name = "n" + std::to_string(id);
  return {.node = node_id{id}, .cluster = cluster, .name = name, .address = name};
}

struct links_world {
  links_world() {
    std::vector<caf::actor> shards;
    for (int i = 0; i < 2; ++i)
      shards.push_back(actors.system().spawn<listening_shard>(i, std::ref(heard)));
    links.connect(shards);
    all = std::move(shards);
  }
  ~links_world() {
    links.connect({});
    for (const auto& one : all) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    all.clear();
    run();
  }
  void run() {
    while (actors.run_one()) {
    }
  }

  sim::actor_turns actors{1, false};
  test::kept_net net;
  std::vector<std::string> noted, heard;
  note_handler notes = [this](const note& n) { noted.emplace_back(n.message); };
  roster members_known{{.cluster = 7, .shards = 2, .replicas = 3, .founders = {{1, "n1", "n1"}, {2, "n2", "n2"}}},
                       {}};
  shard_links links{{.node = node_id{1}, .cluster = 7, .name = "n1", .address = "n1"}, members_known, net, notes};
  std::vector<caf::actor> all;
};

}  // namespace

TEST_CASE("shard links: a frame reaches the actor of its shard at the other node") {
  links_world here;
  CHECK(here.links.send(node_id{2}, storage::shard_id{1}, frames::look{5, "default/counter/a", 100}));
  REQUIRE(here.net.sent.size() == 1);
  links_world there;
  there.links.on_frame(node_id{1}, here.net.sent.front());
  there.run();
  CHECK(there.heard == std::vector<std::string>{"1: default/counter/a from 1"});
  CHECK(there.noted.empty());
}

TEST_CASE("shard links: what a node understands is what it said of itself") {
  links_world here;
  auto earlier = hello(2, 7), same = hello(3, 7);
  earlier.feature_level = level_of(feature::log_mending) - 1;
  same.feature_level = level_of(feature::log_mending);
  here.links.on_link_up(earlier);
  here.links.on_link_up(same);
  CHECK_FALSE(here.links.understands(node_id{2}, feature::log_mending));
  CHECK(here.links.understands(node_id{3}, feature::log_mending));
  CHECK(here.links.understands(node_id{4}, feature::log_mending));  // what is sent there is lost anyway
}

TEST_CASE("shard links: what shards say in one beat is one frame for each node, once the last has let go") {
  links_world here;
  auto beat = here.links.begin_beat();
  auto other = beat;
  here.links.send_in_beat(node_id{2}, storage::shard_id{0}, replication::append_answer{.term = 3, .rejected = 0, .last_index = 9});
  beat.reset();
  here.links.send_in_beat(node_id{2}, storage::shard_id{1}, replication::append_answer{.term = 4, .rejected = 0, .last_index = 1});
  here.links.send_in_beat(node_id{3}, storage::shard_id{1}, replication::append_answer{});
  CHECK(here.net.sent.empty());
  other.reset();
  REQUIRE(here.net.sent.size() == 1);
  frames::frame said;
  REQUIRE(frames::decode(here.net.sent.front(), said));
  const auto& all = std::get<frames::beat>(said.content).said;
  REQUIRE(all.size() == 2);
  CHECK(all[0].shard == 0);
  CHECK(std::get<replication::append_answer>(all[0].body).last_index == 9);
  CHECK(all[1].shard == 1);
  CHECK(std::get<replication::append_answer>(all[1].body).term == 4);
}

TEST_CASE("shard links: a busy shard holds up what others have said until the links are flushed") {
  links_world here;
  const auto held = here.links.begin_beat();
  here.links.send_in_beat(node_id{2}, storage::shard_id{0}, replication::append_answer{});
  here.links.flush();
  CHECK(here.net.sent.size() == 1);
  here.links.flush();
  CHECK(here.net.sent.size() == 1);
}

TEST_CASE("shard links: what is gathered when they close never leaves") {
  links_world here;
  auto beat = here.links.begin_beat();
  here.links.send_in_beat(node_id{2}, storage::shard_id{0}, replication::append_answer{});
  here.links.close();
  beat.reset();
  CHECK(here.net.sent.empty());
}

TEST_CASE("shard links: a beat reaches each of its shards, and they answer in one") {
  links_world here;
  here.links.send_in_beat(node_id{2}, storage::shard_id{0}, replication::append_request{});
  here.links.send_in_beat(node_id{2}, storage::shard_id{1}, replication::append_request{});
  here.links.flush();
  REQUIRE(here.net.sent.size() == 1);
  links_world there;
  there.links.on_frame(node_id{1}, here.net.sent.front());
  there.run();
  CHECK(there.heard == std::vector<std::string>{"0: in a beat from 1", "1: in a beat from 1"});
  REQUIRE(listening_shard::held.size() == 2);
  CHECK(listening_shard::held[0] == listening_shard::held[1]);
  listening_shard::held.clear();
  CHECK(there.noted.empty());
}

TEST_CASE("shard links: who sends learns that there is no way") {
  links_world here;
  CHECK_FALSE(here.links.send(node_id{3}, storage::shard_id{1}, frames::look{5, "default/counter/a", 100}));
}

TEST_CASE("shard links: what can't be read, or is for no shard, is noted and dropped") {
  links_world here;
  SUBCASE("no frame at all") { here.links.on_frame(node_id{2}, "nonsense"); }
  SUBCASE("a shard that there is not") {
    here.links.send(node_id{2}, storage::shard_id{2}, frames::look{5, "default/counter/a", 100});
    here.links.on_frame(node_id{2}, here.net.sent.front());
  }
  SUBCASE("a beat with a shard that there is not") {
    here.links.send_in_beat(node_id{2}, storage::shard_id{2}, replication::append_answer{});
    here.links.flush();
    here.links.on_frame(node_id{2}, here.net.sent.front());
  }
  here.run();
  CHECK(here.heard.empty());
  REQUIRE(here.noted.size() == 1);
  CHECK(here.noted.front().starts_with("node 2 sent a frame that can't be read: "));
}

TEST_CASE("shard links: every shard hears of a link, in the order of what happened") {
  links_world here;
  here.links.on_link_up({.node = node_id{2}, .cluster = 7, .name = "n2", .address = "n2"});
  here.links.on_link_down(node_id{2});
  here.run();
  std::vector<std::string> first;
  for (const auto& one : here.heard)
    if (one.starts_with("0")) first.push_back(one);
  CHECK(first == std::vector<std::string>{"0: 2 up", "0: 2 down"});
  CHECK(here.heard.size() == 4);
}

TEST_CASE("shard links: they know whom they reach") {
  links_world here;
  CHECK_FALSE(here.links.reaches(node_id{2}));
  here.links.on_link_up({.node = node_id{2}, .cluster = 7, .name = "n2", .address = "n2"});
  CHECK(here.links.reaches(node_id{2}));
  CHECK_FALSE(here.links.reaches(node_id{3}));
  here.links.on_link_down(node_id{2});
  CHECK_FALSE(here.links.reaches(node_id{2}));
}

TEST_CASE("shard links: who asks how the cluster began is told, and whether it is a member") {
  for (const std::uint64_t id : {2, 3}) {
    links_world here;
    here.net.reachable = node_id{id};
    here.links.on_frame(node_id{id}, frames::encode(frames::frame{0, frames::ask_charter{.node = id}}));
    REQUIRE(here.net.sent.size() == 1);
    frames::frame said;
    REQUIRE(frames::decode(here.net.sent.front(), said));
    const auto& told = std::get<frames::welcome>(said.content);
    CHECK(told.charter == here.members_known.founded());
    CHECK(told.members.size() == 2);
    CHECK(told.admitted == (id == 2));
    here.run();
    CHECK(here.heard.empty());
  }
}

TEST_CASE("shard links: members are admitted, and who belongs to no cluster yet, for a question only") {
  links_world here;
  CHECK(here.links.admit(hello(2, 7)));
  CHECK(here.links.admit(hello(3, 0)));
  CHECK(here.net.dialed == std::vector<std::string>{"n1", "n2", "n3"});  // for the answer
  here.links.on_link_up(hello(3, 0));
  CHECK(here.members_known.waiting().size() == 1);
  here.net.reachable = node_id{1};
  REQUIRE(here.links.send(node_id{1}, storage::shard_id{0}, frames::look{5, "default/counter/a", 100}));
  here.links.on_frame(node_id{3}, here.net.sent.front());
  here.run();
  CHECK(here.heard.empty());
  here.links.on_link_down(node_id{3});
  CHECK(here.members_known.waiting().empty());
}

TEST_CASE("shard links: strangers, members under another name and other clusters are refused") {
  links_world here;
  CHECK(here.links.admit(hello(2, 8)).error().code == "another_cluster");
  CHECK(here.links.admit(hello(3, 7)).error().code == "not_a_member");
  auto renamed = hello(2, 7);
  renamed.name = "n9";
  CHECK(here.links.admit(renamed).error().code == "name_changed");
}

TEST_CASE("shard links: a stranger that knows more of the members than this node is let in, and dialed") {
  links_world here;
  auto stranger = hello(3, 7);
  stranger.members_version = 5;
  CHECK(here.links.admit(stranger));
  CHECK(here.net.dialed == std::vector<std::string>{"n1", "n2", "n3"});
  here.net.reachable = node_id{1};
  REQUIRE(here.links.send(node_id{1}, storage::shard_id{0}, frames::look{5, "default/counter/a", 100}));
  here.links.on_frame(node_id{3}, here.net.sent.front());
  here.run();
  CHECK(here.heard.size() == 1);
}

TEST_CASE("shard links: follow the members: whom they dial, what they say of themselves, and whom they leave") {
  links_world here;
  REQUIRE(here.links.start({"seed"}));
  CHECK(here.net.announced == 0);
  CHECK(here.net.dialed == std::vector<std::string>{"n1", "n2", "seed"});
  here.links.on_link_up(hello(2, 7));
  here.members_known.update(4, [] {
    members::state now{.cluster = 7, .replicas = 3};
    now.nodes.push_back({.id = 1, .name = "n1", .address = "n1"});
    now.nodes.push_back({.id = 5, .name = "n5", .address = "n5"});
    return now;
  }());
  CHECK(here.net.announced == 4);
  CHECK(here.net.dialed == std::vector<std::string>{"n1", "n5"});
  CHECK(here.net.ended == std::vector<node_id>{node_id{2}});
  CHECK_FALSE(here.links.admit(hello(2, 7)));
  CHECK(here.links.admit(hello(5, 7)));
}
