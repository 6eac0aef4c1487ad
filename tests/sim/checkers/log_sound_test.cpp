#include <doctest/doctest.h>

#include <functional>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

history five_records() {
  history h;
  stock(h);
  h.log<inventory::contract>("MUG", {inventory::reserved{"A", 1, {}}, inventory::reserved{"B", 1, {}}}, "c1");
  h.log<inventory::contract>("MUG", {}, "c2");
  h.log<inventory::contract>("MUG", {inventory::released{"A", 1, {}}}, "c3");
  return h;
}

/// What is said of five good records once `damage` has been done to one of them, before anybody saw it.
std::vector<violation> judge_damaged(std::size_t which, const std::function<void(observed_record&)>& damage) {
  auto h = five_records();
  damage(h.seen.records[which]);
  return h.judge_by("log_sound");
}

/// … and when only the disk is damaged, at the end.
std::vector<violation> judge_rotten(const std::function<void(std::vector<observed_record>&)>& damage) {
  auto h = five_records();
  const auto told = h.seen.records;
  damage(h.seen.records);
  return h.judge_by("log_sound", told);
}

TEST_CASE("log sound: batches, offsets and versions without gaps are") {
  CHECK(five_records().judge_by("log_sound").empty());
}

TEST_CASE("log sound: records that share a batch are") {
  CHECK(judge_damaged(4, [](auto& record) { record.index.value = 4; }).empty());
}

TEST_CASE("log sound: a gap is seen in versions, offsets and batches") {
  CHECK(says(judge_damaged(3, [](auto& record) { ++record.version; }), "it was at version 3 and had 0 events"));
  CHECK(says(judge_damaged(4, [](auto& record) { record.version = 3; }), "it was at version 3 and had 1 events"));
  CHECK(says(judge_damaged(4, [](auto& record) { ++record.first_offset.value; }), "offset 6, the next one was 5"));
  CHECK(says(judge_damaged(2, [](auto& record) { --record.first_offset.value; }), "offset 2, the next one was 3"));
  CHECK(says(judge_damaged(4, [](auto& record) { record.index.value = 6; }), "batch 6 comes after batch 4"));
  CHECK(says(judge_damaged(4, [](auto& record) { record.index.value = 3; }), "batch 3 comes after batch 4"));
}

TEST_CASE("log sound: an entity stays in its shard") {
  CHECK(says(judge_damaged(4, [](auto& record) { record.shard.value = 2; }), "it was in shard 0"));
}

TEST_CASE("log sound: what was committed is still there at the end") {
  CHECK(judge_rotten([](auto&) {}).empty());
  CHECK(says(judge_rotten([](auto& disk) { disk.pop_back(); }), "of 5 committed records 4 are on the disk"));
  CHECK(says(judge_rotten([](auto& disk) { disk.clear(); }), "of 5 committed records 0 are on the disk"));
}

TEST_CASE("log sound: what was committed does not change") {
  CHECK(says(judge_rotten([](auto& disk) { disk[2].events[1].payload[8] ^= 1; }), "something else in batch 3"));
  CHECK(says(judge_rotten([](auto& disk) { disk[2].wake_after = {7}; }), "something else"));
  CHECK(says(judge_rotten([](auto& disk) { disk[3].command_id = hash128("other"); }), "something else"));
  CHECK(says(judge_rotten([](auto& disk) { std::swap(disk[3], disk[4]); }), "something else"));
}

TEST_CASE("log sound: a record that nobody was told of may be on the disk of a node that is down") {
  CHECK(judge_rotten([](auto& disk) { disk.push_back(disk.back()); }).empty());
}

TEST_CASE("log sound: when it was committed may be found out anew") {
  CHECK(judge_rotten([](auto& disk) { disk.back().committed_at = {99}; }).empty());
}

}  // namespace
}  // namespace bv::sim::testing
