#include "sim/plan/workload.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace bv::sim;

namespace {

const std::vector<shelf> three_shelves{{"A", 10, 1000}, {"B", 10, 1000}, {"C", 10, 1000}};

std::array<int, 3> sold(std::uint32_t skew_percent) {
  bv::runtime::random_source chance(7);
  std::array<int, 3> counts{};
  for (int i = 0; i < 11'000; ++i) ++counts[draw_shelf(3, skew_percent, chance)];
  return counts;
}

bool near(int found, int wanted) { return found > wanted * 9 / 10 && found < wanted * 11 / 10; }

std::size_t asks(const std::vector<client_script>& clients, std::string_view command) {
  std::size_t count = 0;
  for (const auto& client : clients)
    for (const auto& step : client.steps)
      if (const auto* ask = std::get_if<ask_step>(&step)) count += ask->command == command;
  return count;
}

workload of_users(std::uint32_t users) {
  workload made;
  made.users = users;
  made.trips_max = 3;
  return made;
}

}  // namespace

TEST_CASE("workload: without skew all shelves sell alike") {
  for (const auto count : sold(0)) CHECK(near(count, 3667));
}

TEST_CASE("workload: at 100 percent the second shelf sells half of the first, the third a third") {
  const auto counts = sold(100);
  CHECK(near(counts[0], 6000));
  CHECK(near(counts[1], 3000));
  CHECK(near(counts[2], 2000));
}

TEST_CASE("workload: what a user does hangs on the seed and its number only") {
  const auto few = make_clients(of_users(20), three_shelves, 1, 5);
  const auto many = make_clients(of_users(40), three_shelves, 1, 5);
  REQUIRE(few.size() < many.size());
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
  CHECK(make_clients(of_users(20), three_shelves, 1, 6) != few);
}

TEST_CASE("workload: users arrive one after the other and talk to the nodes in turn") {
  const auto clients = make_clients(of_users(6), three_shelves, 2, 5);
  bv::duration last{};
  for (const auto& each : clients) {
    if (!each.user.empty()) continue;
    CHECK(each.start >= last);
    last = each.start;
    CHECK(each.node == (std::stoi(each.name.substr(1)) - 1) % 2);
  }
}

TEST_CASE("workload: all that shoppers may do is done by some") {
  const auto clients = make_clients(of_users(300), three_shelves, 1, 5);
  for (const auto* command : {"addItem", "setQuantity", "removeItem", "checkout", "requestCancellation", "ship", "deliver",
                              "requestRefund"}) {
    CAPTURE(command);
    CHECK(asks(clients, command) > 10);
  }
  CHECK(std::any_of(clients.begin(), clients.end(), [](const auto& each) { return each.name == each.user + "b"; }));
}

TEST_CASE("workload: shares of nothing are nothing, shares of everything are everything") {
  auto wanted = of_users(50);
  wanted.leave_percent = 100;
  wanted.second_device_percent = 0;
  CHECK(asks(make_clients(wanted, three_shelves, 1, 5), "checkout") == 0);
  wanted.leave_percent = 0;
  wanted.cancel_percent = 0;
  wanted.refund_percent = 0;
  wanted.deliver_percent = 100;
  const auto clients = make_clients(wanted, three_shelves, 1, 5);
  CHECK(asks(clients, "checkout") == asks(clients, "deliver"));
  CHECK(asks(clients, "requestRefund") == 0);
}

TEST_CASE("workload: who takes old states as well looks at the cart after each item, and the others go on as ever") {
  const auto stale_looks = [](const std::vector<client_script>& all) {
    std::size_t count = 0;
    for (const auto& each : all)
      for (const auto& step : each.steps)
        if (const auto* look = std::get_if<view_step>(&step)) count += look->stale ? 1 : 0;
    return count;
  };
  auto wanted = of_users(50);
  CHECK(stale_looks(make_clients(wanted, three_shelves, 1, 5)) == 0);
  wanted.stale_look_percent = 100;
  const auto clients = make_clients(wanted, three_shelves, 1, 5);
  CHECK(stale_looks(clients) == asks(clients, "addItem"));
}
