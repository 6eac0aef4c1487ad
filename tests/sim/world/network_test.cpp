#include "sim/world/network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

struct wire {
  static constexpr timestamp start{1'893'456'000'000'000'000};
  explicit wire(link_conditions usual, std::uint64_t seed = 1) : net(time, log, seed, usual) {}

  /// Sends `count` messages at once; the numbers of those that come, in the order in which they do, and when.
  struct arrival {
    int number;
    duration after;
    friend bool operator==(const arrival&, const arrival&) = default;
  };
  std::vector<arrival> send(const std::string& from, const std::string& to, int count) {
    std::vector<arrival> came;
    const auto sent = time.now();
    for (int i = 0; i < count; ++i)
      net.send(from, to, "letter", [this, &came, i, sent] { came.push_back({i, time.now() - sent}); });
    while (const auto next = time.next()) {
      time.pass_to(*next);
      time.run_one();
    }
    return came;
  }

  event_heap time{start};
  trace log{{.keep = true}};
  network net;
};

}  // namespace

TEST_CASE("draw: a span gives all of its delays and none beyond") {
  runtime::random_source lots(1);
  std::vector<int> seen(4, 0);
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = draw({5ns, 8ns}, lots);
    REQUIRE(drawn >= 5ns);
    REQUIRE(drawn <= 8ns);
    ++seen[static_cast<std::size_t>((drawn - 5ns).count())];
  }
  for (const int times : seen) CHECK(times > 150);
  CHECK(draw({7ms, 7ms}, lots) == 7ms);
  CHECK(draw({7ms, 2ms}, lots) == 7ms);
}

TEST_CASE("network: every message comes once, after a delay of its own, so that they overtake each other") {
  wire here({.delay = {1ms, 9ms}});
  const auto came = here.send("clients", "n1", 200);
  REQUIRE(came.size() == 200);
  for (const auto& one : came) {
    CHECK(one.after >= 1ms);
    CHECK(one.after <= 9ms);
  }
  CHECK_FALSE(std::ranges::is_sorted(came, {}, &wire::arrival::number));
  CHECK(here.log.lines().empty());
}

TEST_CASE("network: what comes when depends on the seed alone") {
  const link_conditions bad{.delay = {1ms, 9ms}, .loss_percent = 20, .duplicate_percent = 20};
  const auto of = [&](std::uint64_t seed) { return wire(bad, seed).send("clients", "n1", 100); };
  CHECK(of(1) == of(1));
  CHECK(of(1) != of(2));
}

TEST_CASE("network: a share of the messages is lost, and the trace says which") {
  wire here({.loss_percent = 30});
  const auto came = here.send("clients", "n1", 1000);
  CHECK(came.size() > 640);
  CHECK(came.size() < 760);
  CHECK(here.log.lines().size() == 1000 - came.size());
  CHECK(here.log.lines().front().what == "lost: letter");
  CHECK(here.log.lines().front().where == "clients → n1");
}

TEST_CASE("network: a share of the messages comes twice, each time after a delay of its own") {
  wire here({.delay = {1ms, 9ms}, .duplicate_percent = 30});
  auto came = here.send("clients", "n1", 1000);
  CHECK(came.size() > 1240);
  CHECK(came.size() < 1360);
  CHECK(here.log.lines().size() == came.size() - 1000);
  std::ranges::stable_sort(came, {}, &wire::arrival::number);
  int apart = 0;
  for (std::size_t i = 1; i < came.size(); ++i)
    apart += came[i].number == came[i - 1].number && came[i].after != came[i - 1].after;
  CHECK(apart > 230);
}

TEST_CASE("network: a cut goes one way, between two ends") {
  wire here({});
  here.net.set("n1", "processor", {.cut = true});
  CHECK(here.send("n1", "processor", 10).empty());
  CHECK(here.log.lines().size() == 10);
  CHECK(here.log.lines().front().what == "cut off: letter");
  CHECK(here.send("processor", "n1", 10).size() == 10);
  CHECK(here.send("n2", "processor", 10).size() == 10);
  here.net.reset("n1", "processor");
  CHECK(here.send("n1", "processor", 10).size() == 10);
}

TEST_CASE("network: healing mends every link, back to what is usual") {
  wire here({.delay = {3ms, 3ms}});
  here.net.set("a", "b", {.cut = true});
  here.net.set("b", "a", {.delay = {1s, 1s}});
  CHECK(here.send("b", "a", 1) == std::vector<wire::arrival>{{0, 1s}});
  here.net.heal();
  CHECK(here.send("a", "b", 1) == std::vector<wire::arrival>{{0, 3ms}});
  CHECK(here.send("b", "a", 1) == std::vector<wire::arrival>{{0, 3ms}});
}

TEST_CASE("network: a message that is on its way comes though the link is cut behind it") {
  wire here({.delay = {5ms, 5ms}});
  bool came = false;
  here.net.send("a", "b", "letter", [&] { came = true; });
  here.net.set("a", "b", {.cut = true});
  here.time.pass_to(wire::start + 5ms);
  CHECK(here.time.run_one());
  CHECK(came);
}
