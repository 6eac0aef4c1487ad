#include "sim/run/scoreboard.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bv;
using namespace bv::sim;

namespace {

observed_record record(const std::string& type, const std::string& id, std::vector<std::string_view> events,
                       std::uint16_t node = 0) {
  observed_record made;
  made.node = node;
  made.entity = entity_key::trusted("default", type, id);
  for (const auto name : events) made.events.push_back({0, name, {}});
  return made;
}

observed_record placed(std::uint16_t node, std::uint16_t shard, std::uint64_t index, std::int64_t at) {
  auto made = record("cart", "c" + std::to_string(index), {"itemAdded"}, node);
  made.shard = storage::shard_id{shard};
  made.index = storage::log_index{index};
  made.committed_at = {at};
  return made;
}

}  // namespace

TEST_CASE("scoreboard: a saga is under way from its start until it is over, however it ends") {
  for (const auto end : {"completed", "compensated", "parked", "discarded"}) {
    scoreboard board;
    board.add(record("saga", "s1", {"started", "stepStarted"}));
    board.add(record("saga", "s1", {"stepDone"}));
    CHECK(board.sagas_under_way().size() == 1);
    CHECK(board.sagas_ended() == 0);
    board.add(record("saga", "s1", {"stepDone", end}));
    CHECK(board.sagas_under_way().empty());
    CHECK(board.sagas_ended() == 1);
  }
}

TEST_CASE("scoreboard: a saga that starts and ends in one record is over") {
  scoreboard board;
  board.add(record("saga", "s1", {"started", "completed"}));
  CHECK(board.sagas_under_way().empty());
  CHECK(board.sagas_ended() == 1);
}

TEST_CASE("scoreboard: a parked saga that is driven again is under way again") {
  scoreboard board;
  board.add(record("saga", "s1", {"started"}));
  board.add(record("saga", "s1", {"parked"}));
  board.add(record("saga", "s1", {"redriven"}));
  CHECK(board.sagas_under_way().size() == 1);
  board.add(record("saga", "s1", {"completed"}));
  CHECK(board.sagas_ended() == 2);
}

TEST_CASE("scoreboard: sagas of the same name on two nodes are two, and nothing else is a saga") {
  scoreboard board;
  board.add(record("saga", "s1", {"started"}, 0));
  board.add(record("saga", "s1", {"started"}, 1));
  board.add(record("order", "o1", {"started", "completed"}, 1));
  CHECK(board.sagas_under_way().size() == 2);
  CHECK(board.sagas_ended() == 0);
  board.add(record("saga", "s1", {"completed"}, 1));
  REQUIRE(board.sagas_under_way().size() == 1);
  CHECK(board.sagas_under_way().begin()->first == 0);
}

TEST_CASE("scoreboard: an entity counts once for each node") {
  scoreboard board;
  board.add(record("cart", "ada", {"itemAdded"}, 0));
  board.add(record("cart", "ada", {"cleared"}, 0));
  board.add(record("cart", "ada", {"itemAdded"}, 1));
  CHECK(board.entities().size() == 2);
}

TEST_CASE("scoreboard: records from the disk come in the order in which they were first seen") {
  scoreboard board;
  board.add(placed(0, 1, 1, 100));
  board.add(placed(1, 1, 1, 200));
  board.add(placed(0, 2, 1, 300));
  board.add(placed(0, 1, 2, 400));
  // Seen once more: the first time counts.
  board.add(placed(0, 1, 1, 900));
  // As they are read: by node, shard and index, and late.
  std::vector read{placed(0, 1, 1, 950), placed(0, 1, 2, 950), placed(0, 2, 1, 950), placed(1, 1, 1, 950)};
  board.order(read);
  std::vector<std::int64_t> times;
  for (const auto& one : read) times.push_back(one.committed_at.ns);
  CHECK(times == std::vector<std::int64_t>{100, 200, 300, 400});
  CHECK(read[1].node == 1);
  CHECK(read[3].index == storage::log_index{2});
}
