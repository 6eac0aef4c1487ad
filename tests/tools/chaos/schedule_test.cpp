#include "tools/chaos/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace bv::chaos;

namespace {

std::vector<planned_fault> some_of(const schedule_options& options, std::size_t most) {
  schedule plan(options);
  std::vector<planned_fault> all;
  while (all.size() < most) {
    const auto next = plan.next();
    if (!next) break;
    all.push_back(*next);
  }
  return all;
}

std::map<fault_kind, std::size_t> counts(const std::vector<planned_fault>& all) {
  std::map<fault_kind, std::size_t> by_kind;
  for (const auto& one : all) ++by_kind[one.kind];
  return by_kind;
}

const std::vector<fault_kind> every_kind{fault_kind::kill, fault_kind::pause, fault_kind::partition, fault_kind::one_way,
                                         fault_kind::loss, fault_kind::delay, fault_kind::disk_full};

}  // namespace

TEST_CASE("chaos schedule: a seed gives the same faults again, another one others") {
  const schedule_options options{.seed = 7, .kinds = every_kind};
  CHECK(some_of(options, 50) == some_of(options, 50));
  auto other = options;
  other.seed = 8;
  CHECK(some_of(options, 50) != some_of(other, 50));
}

TEST_CASE("chaos schedule: each round has every kind once, so a short run has them all") {
  const auto all = some_of({.seed = 3, .kinds = every_kind}, 21);
  for (std::size_t round = 0; round < 3; ++round) {
    std::set<fault_kind> seen;
    for (std::size_t i = 0; i < 7; ++i) seen.insert(all[round * 7 + i].kind);
    CHECK(seen.size() == 7);
  }
  CHECK(!schedule({.seed = 3, .kinds = every_kind}).size());
}

TEST_CASE("chaos schedule: numbers are kept to, the other kinds come now and then") {
  const schedule_options options{.seed = 5, .kinds = every_kind, .kills = 100, .partitions = 30};
  const auto all = some_of(options, 1000);
  CHECK(all.size() == schedule(options).size());
  const auto by_kind = counts(all);
  CHECK(by_kind.at(fault_kind::kill) == 100);
  CHECK(by_kind.at(fault_kind::partition) == 15);
  CHECK(by_kind.at(fault_kind::one_way) == 15);
  for (const auto kind : {fault_kind::pause, fault_kind::loss, fault_kind::delay, fault_kind::disk_full}) CHECK(by_kind.at(kind) == 13);
  // They are mixed: neither half has all kills.
  const auto half = counts({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2)});
  CHECK(half.at(fault_kind::kill) > 30);
  CHECK(half.at(fault_kind::kill) < 70);
}

TEST_CASE("chaos schedule: kinds that nobody wants don't come, but what was counted does") {
  const auto kills = counts(some_of({.seed = 1, .kinds = {fault_kind::kill}, .kills = 4}, 100));
  CHECK(kills == std::map<fault_kind, std::size_t>{{fault_kind::kill, 4}});
  const auto whole = counts(some_of({.seed = 1, .kinds = {fault_kind::kill}, .kills = 2, .partitions = 3}, 100));
  CHECK(whole == std::map<fault_kind, std::size_t>{{fault_kind::kill, 2}, {fault_kind::partition, 3}});
}

TEST_CASE("chaos schedule: only one disk can be filled, and every node and shard may be struck") {
  const auto all = some_of({.seed = 2, .kinds = every_kind, .nodes = 3, .small_disk_node = 2, .shards = 4}, 400);
  std::set<std::size_t> nodes;
  std::set<std::uint16_t> shards;
  for (const auto& one : all) {
    if (one.kind == fault_kind::disk_full) CHECK(one.node == 2);
    else nodes.insert(one.node);
    shards.insert(one.shard);
    CHECK(one.lasts.count() > 0);
  }
  CHECK(nodes == std::set<std::size_t>{0, 1, 2});
  CHECK(shards == std::set<std::uint16_t>{0, 1, 2, 3});
}

TEST_CASE("chaos schedule: each kind has a name that gives it back") {
  for (const auto kind : every_kind) CHECK(fault_named(name_of(kind)) == kind);
  CHECK(!fault_named("earthquake"));
}
