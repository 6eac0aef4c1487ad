// covers: actors/runtime/shard_actor.cpp
#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "actors/runtime/node.hpp"
#include "storage/memory_store.hpp"
#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;

namespace {

constexpr int clients = 64;
constexpr int commands_each = 200;

}  // namespace

TEST_CASE("scheduler: many clients on real threads lose nothing and double nothing") {
  storage::memory_disk disk(4);
  auto store = storage::open_memory_store(disk);
  REQUIRE(store.has_value());
  runtime::scheduler scheduler(2);
  runtime::system_clock time;
  runtime::node node(scheduler.system(), *store, time,
                     {.shards = 4, .seed = 1, .bounds = {}, .aggregates = {make_counter()}, .projections = {}, .handlers = {},
                      .notes = [](const runtime::note&) {}});
  std::promise<result<void>> ready;
  node.start([&](result<void> outcome) { ready.set_value(std::move(outcome)); });
  REQUIRE(ready.get_future().get().has_value());

  std::atomic<int> left{clients};
  std::atomic<int> accepted{0};
  std::promise<void> over;
  // Each client adds to its own counter and to one that all share.
  std::function<void(int, int)> send = [&](int client, int number) {
    if (number == commands_each) {
      if (--left == 0) over.set_value();
      return;
    }
    const auto id = number % 2 == 0 ? "own-" + std::to_string(client) : std::string("shared");
    node.entities().ask({.entity = counter_key(id),
                         .command = counter::contract::encode(counter::command(counter::add{1})),
                         .command_id = std::to_string(client) + "/" + std::to_string(number),
                         .from = {},
                         .deadline = {},
                         .expected_version = {}},
                        [&, client, number](const result<runtime::receipt>& answer) {
                          if (answer && !answer->repeated) ++accepted;
                          send(client, number + 1);
                        });
  };
  for (int i = 0; i < clients; ++i) send(i, 0);
  over.get_future().wait();
  CHECK(accepted == clients * commands_each);

  std::promise<result<runtime::entity_view>> seen;
  node.entities().view({.entity = counter_key("shared")}, [&](result<runtime::entity_view> got) { seen.set_value(std::move(got)); });
  const auto shared = seen.get_future().get();
  REQUIRE(shared.has_value());
  CHECK(shared->version == clients * commands_each / 2);
  node.stop_and_wait();
}
