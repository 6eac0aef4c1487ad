#include "actors/runtime/roster.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "tests/actors/runtime/charters.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace std::chrono_literals;

namespace {

members::state with(std::uint64_t id, std::string name) {
  members::state made{.cluster = 1, .replicas = 3};
  made.nodes.push_back({.id = id, .name = std::move(name), .address = "there"});
  return made;
}

}  // namespace

TEST_CASE("roster: begins with the founders and their places, or with whom a newcomer was told of") {
  const roster founder_knows(test::charter_of(test::three_nodes, 3), {});
  CHECK(founder_knows.now()->version == 0);
  CHECK(founder_knows.now()->state.nodes.size() == 3);
  CHECK(founder_knows.now()->state.shards.at(1).voters == std::vector<std::uint64_t>{2, 3, 1});
  const roster newcomer_knows(test::charter_of(test::three_nodes, 3), {{2, "n2", "n2"}, {9, "n9", "n9"}});
  CHECK(newcomer_knows.has(node_id{9}));
  CHECK_FALSE(newcomer_knows.has(node_id{1}));
  CHECK(newcomer_knows.now()->state.shards.empty());
}

TEST_CASE("roster: never goes back, and tells every newer view") {
  roster all(test::charter_of(test::three_nodes, 3), {});
  std::vector<std::uint64_t> told;
  all.follow([&](const roster::view_ptr& now) { told.push_back(now->version); });
  all.update(5, with(5, "n5"));
  all.update(4, with(4, "n4"));
  all.update(5, with(4, "n4"));
  CHECK(all.has(node_id{5}));
  CHECK(told == std::vector<std::uint64_t>{0, 5});
}

TEST_CASE("roster: what a restored log says of another cluster is passed over") {
  roster all(test::charter_of(test::three_nodes, 3), {});
  auto old = with(5, "n5");
  old.cluster = 9;
  all.update(40, old);
  CHECK(all.now()->version == 0);
  CHECK_FALSE(all.has(node_id{5}));
}

TEST_CASE("roster: who waits is known until it goes away or is let in") {
  roster all(test::charter_of(test::three_nodes, 3), {});
  for (std::uint64_t id = 10; id < 50; ++id) all.waits({.node = node_id{id}, .name = "w" + std::to_string(id), .address = {}});
  CHECK(all.waiting().size() == 32);
  all.waits({.node = node_id{49}, .name = "again", .address = {}});
  CHECK(all.waiting().size() == 32);
  all.waits_no_more(node_id{48});
  CHECK(all.waiting().size() == 31);
  all.update(1, with(49, "again"));
  CHECK(all.waiting().size() == 30);
}

TEST_CASE("roster: a wait ends with the view that it waits for, or when it is told to") {
  roster all(test::charter_of(test::three_nodes, 3), {});
  const auto fifth = [](const roster::view& now) { return now.version >= 5; };
  CHECK(all.wait(fifth, {}, 1ms) == nullptr);
  std::stop_source stop;
  stop.request_stop();
  CHECK(all.wait(fifth, stop.get_token(), 1h) == nullptr);
  std::jthread later([&] { all.update(5, with(5, "n5")); });
  const auto seen = all.wait(fifth, {}, 1h);
  REQUIRE(seen != nullptr);
  CHECK(seen->version == 5);
}

TEST_CASE("roster: a shard's followers are the members without a vote, but not who parts") {
  members::state now{.cluster = 1, .replicas = 1};
  now.nodes.push_back({.id = 1, .name = "a", .address = {}});
  now.nodes.push_back({.id = 2, .name = "b", .address = {}, .standing = members::standing::parting});
  now.nodes.push_back({.id = 3, .name = "c", .address = {}, .standing = members::standing::draining});
  now.shards.push_back({.voters = {1}, .revision = 4, .settled = false});
  const auto wished = seats_of(now, storage::shard_id{0});
  REQUIRE(wished.has_value());
  CHECK(wished->voters == std::vector<std::uint64_t>{1});
  CHECK(wished->followers == std::vector<std::uint64_t>{3});
  CHECK(wished->revision == 4);
  CHECK_FALSE(wished->settled);
  CHECK_FALSE(seats_of(now, storage::shard_id{1}).has_value());
}
