#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/node.hpp"
#include "sim/world/actor_turns.hpp"
#include "storage/memory_store.hpp"
#include "tests/actors/runtime/shard_world.hpp"

namespace bv::test {

/// A read model: the sum of each counter.
class sums final : public runtime::projection {
 public:
  explicit sums(std::uint32_t revision = 1) : revision_(revision) {}
  std::string name() const override { return "sums"; }
  std::uint32_t revision() const override { return revision_; }
  std::vector<runtime::event_interest> interests() const override { return {{"counter"}}; }
  result<void> apply(const runtime::logged_event& event, runtime::projection_rows& rows) const override {
    counter::event happened;
    BV_TRY(counter::contract::decode(event.payload, happened));
    BV_ASSIGN(const auto before, rows.get(event.entity.id()));
    const auto* fact = std::get_if<counter::added>(&happened);
    const auto sum = (before ? std::stoll(*before) : 0) + (fact ? fact->amount : 0) * revision_;
    rows.put(bytes(event.entity.id()), std::to_string(sum));
    return {};
  }

 private:
  const std::uint32_t revision_;
};

/// A node on CAF's testing scheduler and a disk in memory: nothing runs but what run() runs.
struct node_world {
  explicit node_world(storage::memory_disk& on) : disk(on) {
    auto opened = storage::open_memory_store(disk);
    REQUIRE(opened.has_value());
    store = std::move(*opened);
  }
  ~node_world() {
    if (!node) return;
    bool stopped = false;
    node->stop([&] { stopped = true; });
    run();
    CHECK(stopped);
    node.reset();
  }

  using outcome = std::optional<result<void>>;

  void start(std::vector<std::shared_ptr<const runtime::projection>> projections,
             std::vector<std::shared_ptr<runtime::event_handler>> handlers) {
    const auto ready = begin_start(std::move(projections), std::move(handlers));
    run();
    REQUIRE(ready->has_value());
    REQUIRE((*ready)->has_value());
  }
  /// The first turn is still to come; gives where the outcome will be.
  std::shared_ptr<outcome> begin_start(std::vector<std::shared_ptr<const runtime::projection>> projections,
                                       std::vector<std::shared_ptr<runtime::event_handler>> handlers) {
    node.emplace(actors.system(), store, time,
                 runtime::node_options{.shards = 4,
                                       .seed = 1,
                                       .bounds = {.projection_rest = {}},
                                       .aggregates = {make_counter()},
                                       .projections = std::move(projections),
                                       .handlers = std::move(handlers),
                                       .notes = [](const runtime::note&) {}});
    auto ready = std::make_shared<outcome>();
    node->start([ready](result<void> came) { *ready = std::move(came); });
    return ready;
  }

  void run() {
    while (actors.run_one()) {
    }
  }
  void advance(duration by) {
    time.advance(by);
    actors.pass_to(passed += by);
    run();
  }

  std::optional<result<runtime::receipt>> add(std::string id, std::int64_t amount, std::string command_id = {}) {
    auto answer = std::make_shared<std::optional<result<runtime::receipt>>>();
    node->entities().ask({.entity = counter_key(id),
                          .command = counter::contract::encode(counter::command(counter::add{amount})),
                          .command_id = std::move(command_id),
                          .from = {},
                          .deadline = {},
                          .expected_version = {}},
                         [answer](result<runtime::receipt> got) { *answer = std::move(got); });
    run();
    return *answer;
  }
  std::string row(std::string_view key) {
    const auto found = node->projection_of("sums")->get(key);
    REQUIRE(found.has_value());
    return found->value_or("none");
  }

  storage::memory_disk& disk;
  sim::actor_turns actors{1, false};
  duration passed{};
  storage::store store;
  hand_clock time;
  std::optional<runtime::node> node;
};

}  // namespace bv::test
