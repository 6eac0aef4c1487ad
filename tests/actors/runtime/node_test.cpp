// covers: actors/runtime/committed_log.cpp
// covers: actors/runtime/projection_runner.cpp
// covers: actors/runtime/projection_track.cpp
// covers: actors/runtime/router.cpp
// covers: actors/runtime/served_projection.cpp
// covers: actors/runtime/subscription_runner.cpp
#include "actors/runtime/node.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "tests/actors/runtime/node_world.hpp"

using namespace bv;
using namespace bv::test;

namespace {

/// Adds to `total` what was added to any other counter; refuses each event as often as it is told to.
class totaller final : public runtime::event_handler {
 public:
  int refusals = 0;
  std::string name() const override { return "totaller"; }
  std::vector<runtime::event_interest> interests() const override { return {{"counter"}}; }
  void handle(const runtime::logged_event& event, runtime::gateway& entities,
              std::function<void(result<void>)> done) override {
    counter::event happened;
    REQUIRE(counter::contract::decode(event.payload, happened).has_value());
    const auto* fact = std::get_if<counter::added>(&happened);
    if (!fact || event.entity.id() == "total") return done({});
    if (refusals > 0) {
      --refusals;
      return done(failure(error_kind::unavailable, "not_now", "told to refuse"));
    }
    entities.ask({.entity = counter_key("total"),
                  .command = counter::contract::encode(counter::command(counter::add{fact->amount})),
                  .command_id = event.entity.text() + "#" + std::to_string(event.version),
                  .from = {},
                  .deadline = {},
                  .expected_version = {}},
                 [done](result<runtime::receipt> answer) {
                   if (answer)
                     done({});
                   else
                     done(failure(answer.error()));
                 });
  }
};

}  // namespace

TEST_CASE("node: a command finds its shard and is answered") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({}, {});
  const auto answer = world.add("a", 5);
  REQUIRE(answer.has_value());
  REQUIRE(answer->has_value());
  CHECK((*answer)->version == 1);
}

TEST_CASE("node: an unknown type and an oversized command id are refused before they reach a shard") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({}, {});
  std::optional<result<runtime::entity_view>> seen;
  world.node->entities().view({.entity = entity_key::trusted("default", "nothing", "a")},
                              [&](result<runtime::entity_view> got) { seen = std::move(got); });
  REQUIRE(seen.has_value());
  CHECK(seen->error().code == "unknown_type");
  const auto refused = world.add("a", 1, std::string(300, 'x'));
  CHECK(refused->error().kind == error_kind::too_large);
}

TEST_CASE("node: a shard with too much in flight sheds load with a hint when to come back") {
  storage::memory_disk disk(4, storage::completion::by_hand);
  node_world world(disk);
  world.start({}, {});
  int accepted = 0, overloaded = 0;
  const auto limit = static_cast<int>(runtime::limits{}.in_flight_per_shard_max);
  for (int i = 0; i < limit + 10; ++i)
    world.node->entities().ask({.entity = counter_key("a"),
                                .command = counter::contract::encode(counter::command(counter::add{1})),
                                .command_id = {},
                                .from = {},
                                .deadline = {},
                                .expected_version = {}},
                               [&](result<runtime::receipt> got) {
                                 got ? ++accepted : ++overloaded;
                                 if (!got) CHECK(got.error().kind == error_kind::overloaded);
                                 if (!got) CHECK(got.error().retry_after_ms > 0);
                               });
  CHECK(overloaded == 10);
  do world.run();
  while (disk.commit() > 0);
  world.run();
  CHECK(accepted == limit);
  CHECK(world.node->metrics().in_flight == 0);
  disk.commit();
}

TEST_CASE("node: it is not ready any more once the disk refused a write, and goes on answering reads") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({}, {});
  REQUIRE(world.add("a", 5)->has_value());
  CHECK(world.node->ready());
  disk.fail({error_kind::unavailable, "disk_full", "no space left"});
  CHECK(world.add("a", 1)->error().code == "disk_full");
  CHECK_FALSE(world.node->ready());
  std::optional<result<runtime::entity_view>> seen;
  world.node->entities().view({.entity = counter_key("a")}, [&](result<runtime::entity_view> got) { seen = std::move(got); });
  world.run();
  REQUIRE(seen.has_value());
  REQUIRE(seen->has_value());
  CHECK((*seen)->version == 1);
}

TEST_CASE("node: the log tells every event once, in order, with its offset") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({}, {});
  for (int i = 1; i <= 20; ++i) world.add("a", i);
  const auto shard = storage::shard_id{[&] {
    for (std::uint16_t i = 0; i < 4; ++i)
      if (world.node->events().end(storage::shard_id{i}).value > 0) return i;
    return std::uint16_t{0};
  }()};
  auto page = world.node->events().read(shard, storage::event_offset{5}, 1);
  REQUIRE(page.has_value());
  REQUIRE_FALSE(page->events.empty());
  CHECK(page->events.front().offset == storage::event_offset{6});
  CHECK(page->events.front().version == 6);
  std::uint64_t next = page->through.value + 1;
  while (!page->at_end) {
    page = world.node->events().read(shard, page->through, 1);
    REQUIRE(page.has_value());
    for (const auto& event : page->events) CHECK(event.offset.value == next++);
  }
  CHECK(next == 21);
  const auto history = world.node->events().history(counter_key("a"), 17, 10);
  REQUIRE(history.has_value());
  REQUIRE(history->size() == 3);
  CHECK(history->front().version == 18);
}

TEST_CASE("node: the log reads the same from memory and, after a restart, from the disk") {
  storage::memory_disk disk(4);
  const auto all_events = [](node_world& world, std::span<const runtime::event_interest> wanted) {
    std::vector<std::string> seen;
    for (std::uint16_t i = 0; i < 4; ++i) {
      runtime::event_page page;
      while (!page.at_end) {
        auto next = world.node->events().read(storage::shard_id{i}, page.through, 1, wanted);
        REQUIRE(next.has_value());
        page = std::move(*next);
        for (const auto& event : page.events)
          seen.push_back(std::to_string(event.offset.value) + " " + event.entity.text() + " " +
                         std::to_string(event.version) + " " + std::to_string(event.ordinal) + " " + event.payload);
      }
    }
    return seen;
  };
  const std::vector<runtime::event_interest> second_kind{{"counter", {1}}}, others{{"order"}};
  std::vector<std::string> before, before_second_kind;
  {
    node_world world(disk);
    world.start({}, {});
    for (int i = 0; i < 40; ++i) world.add("c" + std::to_string(i % 7), i);
    before = all_events(world, {});
    before_second_kind = all_events(world, second_kind);
    CHECK(before.size() >= 40);
    CHECK(all_events(world, others).empty());
  }
  node_world world(disk);
  world.start({}, {});
  CHECK(all_events(world, {}) == before);
  CHECK(all_events(world, second_kind) == before_second_kind);
  CHECK(all_events(world, others).empty());
}

/// Wants what never happens.
class idle_sums final : public runtime::projection {
 public:
  std::string name() const override { return "idle"; }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"nothing"}}; }
  result<void> apply(const runtime::logged_event&, runtime::projection_rows&) const override {
    return failure(error_kind::internal, "unwanted", "an event that nobody wanted");
  }
};

TEST_CASE("node: who wants nothing of the log keeps up with it all the same, a little later") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({std::make_shared<idle_sums>()}, {});
  for (int i = 0; i < 10; ++i) world.add("a", 1);
  CHECK(world.node->projection_of("idle")->status().events_behind == 10);
  world.advance(std::chrono::milliseconds{200});
  CHECK(world.node->projection_of("idle")->status().events_behind == 0);
}

TEST_CASE("node: a start passes over few events again, however many there were that nobody wanted") {
  storage::memory_disk disk(4);
  constexpr int commands = 12'000;
  {
    node_world world(disk);
    world.start({std::make_shared<idle_sums>()}, {});
    for (int i = 0; i < commands; ++i) world.add("c" + std::to_string(i % 100), 1);
    world.advance(std::chrono::milliseconds{200});
    CHECK(world.node->projection_of("idle")->status().events_behind == 0);
    REQUIRE(world.store.derived->flush());
  }
  const auto store = storage::open_memory_store(disk);
  REQUIRE(store.has_value());
  const auto table = store->tables->open("idle.0");
  REQUIRE(table.has_value());
  int passed = 0;
  REQUIRE((*table)->scan("", "", false, [&](bytes_view, bytes_view value) { return passed += std::stoi(bytes(value)), true; }));
  CHECK(passed > commands - 10'000);
}

TEST_CASE("node: a projection follows the log and goes on after a restart") {
  storage::memory_disk disk(4);
  {
    node_world world(disk);
    world.start({std::make_shared<sums>()}, {});
    world.add("a", 5);
    world.add("b", 7);
    world.add("a", 6);
    CHECK(world.row("a") == "11");
    CHECK(world.node->projection_of("sums")->status().events_behind == 0);
  }
  node_world world(disk);
  world.start({std::make_shared<sums>()}, {});
  CHECK(world.row("a") == "11");
  world.add("a", 1);
  CHECK(world.row("a") == "12");
  CHECK(world.row("b") == "7");
}

TEST_CASE("node: a projection with a new revision is rebuilt from the first event") {
  storage::memory_disk disk(4);
  {
    node_world world(disk);
    world.start({std::make_shared<sums>(1)}, {});
    for (int i = 0; i < 30; ++i) world.add("a", 1);
  }
  node_world world(disk);
  world.start({std::make_shared<sums>(2)}, {});
  CHECK(world.row("a") == "60");
}

TEST_CASE("node: an operator can rebuild a projection while it serves") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({std::make_shared<sums>()}, {});
  world.add("a", 5);
  REQUIRE(world.node->rebuild("sums"));
  CHECK(world.row("a") == "5");
  world.add("a", 5);
  CHECK(world.row("a") == "10");
  CHECK_FALSE(world.node->rebuild("nothing"));
}

TEST_CASE("node: a subscription acts on each event once, through refusals and restarts") {
  storage::memory_disk disk(4);
  const auto sum_of_total = [](node_world& world) {
    std::optional<result<runtime::entity_view>> seen;
    world.node->entities().view({.entity = counter_key("total")},
                                [&](result<runtime::entity_view> got) { seen = std::move(got); });
    world.run();
    counter::state state;
    REQUIRE(seen.has_value());
    REQUIRE(counter::contract::decode((*seen)->state, state).has_value());
    return state.sum;
  };
  {
    node_world world(disk);
    const auto handler = std::make_shared<totaller>();
    handler->refusals = 3;
    world.start({}, {handler});
    for (const auto* id : {"a", "b", "c"}) world.add(id, 10);
    world.advance(std::chrono::minutes{2});
    CHECK(sum_of_total(world) == 30);
    CHECK(world.node->metrics().subscriptions.at(0).retries == 3);
  }
  node_world world(disk);
  world.start({}, {std::make_shared<totaller>()});
  CHECK(sum_of_total(world) == 30);
  world.add("a", 1);
  CHECK(sum_of_total(world) == 31);
}
