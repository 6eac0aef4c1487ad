// covers: sim/hunt/shrink.cpp
#include "sim/hunt/shrink.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

using predicate = std::function<bool(const plan&)>;

bool asks(const plan& p, std::string_view entity, std::string_view command) {
  return std::any_of(p.clients.begin(), p.clients.end(), [&](const client_script& client) {
    return std::any_of(client.steps.begin(), client.steps.end(), [&](const client_step& step) {
      const auto* ask = std::get_if<ask_step>(&step);
      return ask != nullptr && ask->entity == entity && ask->command == command;
    });
  });
}

bool crashes(const plan& p, std::uint16_t node) {
  return std::any_of(p.faults.begin(), p.faults.end(), [&](const fault& f) {
    return std::holds_alternative<crash_fault>(f.what) && f.node == node;
  });
}

/// Twenty clients with five steps each, twelve faults of which every third is a crash, on three nodes.
plan busy_plan() {
  plan p;
  p.where = {3, 4, storage_tier::rocks};
  for (int c = 0; c < 20; ++c) {
    client_script client{.name = "c" + std::to_string(c), .start = 100ms * c, .node = static_cast<std::uint16_t>(c % 3)};
    const auto cart = "cart/c" + std::to_string(c);
    client.steps = {ask_step{cart, "addItem", R"({"sku":"mug","quantity":3})"}, view_step{cart}, wait_step{1234ms},
                    ask_step{cart, "checkOut"}, await_step{cart, "status", {"paid"}}};
    p.clients.push_back(client);
  }
  for (int f = 0; f < 12; ++f) {
    fault one;
    one.when.at = 7s + 123456789ns * f;
    one.node = static_cast<std::uint16_t>(f % 3);
    if (f % 3 == 0) one.what = crash_fault{.down = 5s};
    if (f % 3 == 1) one.what = pause_fault{3s};
    if (f % 3 == 2) one.what = clock_fault{{1h, 20}};
    p.faults.push_back(one);
  }
  for (int s = 0; s < 5; ++s) p.shelves.push_back({.sku = "s" + std::to_string(s)});
  p.network.loss_percent = 3;
  p.clocks = {{1s, 5}, {-2s, 0}};
  return p;
}

shrunk shrink_with(const plan& from, const predicate& fails, std::uint64_t trials_max = 100'000) {
  return shrink(from, fails, {.trials_max = trials_max});
}

const predicate crash_and_two_steps = [](const plan& p) {
  return crashes(p, 0) && asks(p, "cart/c4", "addItem") && asks(p, "cart/c17", "checkOut");
};

}  // namespace

TEST_CASE("shrink: leaves the crash and the two steps that the failure needs, and nothing else") {
  const auto from = busy_plan();
  REQUIRE(crash_and_two_steps(from));
  CHECK(size_of(from) == 112);

  const auto small = shrink_with(from, crash_and_two_steps);
  CHECK(small.complete);
  CHECK(crash_and_two_steps(small.what));
  CHECK(size_of(small.what) == 3);
  REQUIRE(small.what.clients.size() == 2);
  CHECK(small.what.clients[0].name == "c4");
  CHECK(small.what.clients[0].steps.size() == 1);
  CHECK(small.what.clients[1].name == "c17");
  CHECK(small.what.clients[1].steps.size() == 1);
  CHECK(small.what.faults.size() == 1);
  CHECK(small.what.shelves.empty());
  CHECK(small.trials < 200);
}

TEST_CASE("shrink: a failure that needs nothing is left with nothing") {
  const auto small = shrink_with(busy_plan(), [](const plan&) { return true; });
  CHECK(size_of(small.what) == 0);
  CHECK(small.what.clients.empty());
  CHECK(small.what.where.nodes == 1);
  CHECK(small.complete);
}

TEST_CASE("shrink: a plan of which everything is needed stays as it was") {
  auto from = busy_plan();
  const auto is_whole = [&](const plan& p) { return size_of(p) == size_of(from) && p.shelves.size() == 5; };
  const auto small = shrink_with(from, is_whole);
  CHECK(size_of(small.what) == size_of(from));
  CHECK(small.what.clients.size() == 20);
}

TEST_CASE("shrink: goes round again if something became needless by a later change") {
  // The first client matters until the network is perfect, which is tried after the clients.
  const auto fails = [](const plan& p) { return p.network.loss_percent == 0 || asks(p, "cart/c0", "addItem"); };
  const auto small = shrink_with(busy_plan(), fails);
  CHECK(size_of(small.what) == 0);
}

TEST_CASE("shrink: keeps to its bound, and what it gives fails") {
  const auto enough = shrink_with(busy_plan(), crash_and_two_steps).trials;
  std::map<bool, int> complete;
  for (std::uint64_t bound = 0; bound <= enough + 3; ++bound) {
    std::uint64_t asked = 0;
    const auto fails = [&](const plan& p) {
      ++asked;
      return crash_and_two_steps(p);
    };
    const auto small = shrink_with(busy_plan(), fails, bound);
    CHECK(asked <= bound);
    CHECK(small.trials == asked);
    CHECK(crash_and_two_steps(small.what));
    CHECK(small.complete == (bound >= enough));
    ++complete[small.complete];
  }
  CHECK(complete[true] == 4);
}

TEST_CASE("shrink: tells after each trial how many there were and how small the plan is") {
  std::vector<std::pair<std::uint64_t, std::size_t>> told;
  const auto small = shrink(busy_plan(), crash_and_two_steps,
                            {.on_progress = [&](auto trials, auto size) { told.emplace_back(trials, size); }});
  REQUIRE(told.size() == small.trials);
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(told[i].first == i + 1);
    CHECK(told[i].second <= (i == 0 ? size_of(busy_plan()) : told[i - 1].second));
  }
  CHECK(told.back().second == 3);
}

TEST_CASE("shrink: leaves what clients do alone if it is told to") {
  const auto from = busy_plan();
  const auto small = shrink(from, [](const plan& p) { return crashes(p, 0); }, {.keep_workload = true});
  REQUIRE(small.what.clients.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(small.what.clients[i].steps.size() == 5);
    CHECK(small.what.clients[i].start == from.clients[i].start);
    CHECK(small.what.clients[i].node == from.clients[i].node);
  }
  CHECK(small.what.shelves.size() == 5);
  CHECK(small.what.faults.size() == 1);
  CHECK(small.what.network.loss_percent == 0);
}

TEST_CASE("shrink: the seed stays, and so does the moment by which all must have settled") {
  auto from = busy_plan();
  from.seed = 77;
  const auto small = shrink_with(from, crash_and_two_steps).what;
  CHECK(small.seed == 77);
  CHECK(small.time.chaos == 1s);
  CHECK(small.time.chaos + small.time.settle_max == from.time.chaos + from.time.settle_max);
}

TEST_CASE("shrink: the same plan and the same answers give the same trials") {
  const auto trace_of = [] {
    std::vector<std::size_t> sizes;
    const auto fails = [&](const plan& p) {
      sizes.push_back(size_of(p));
      return crash_and_two_steps(p);
    };
    shrink_with(busy_plan(), fails);
    return sizes;
  };
  CHECK(trace_of() == trace_of());
}
