#include "sim/plan/workload.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/schema/base/assert.hpp"

namespace bv::sim {
namespace {

using runtime::random_source;

bool happens(std::uint32_t percent, random_source& chance) { return chance.below(100) < percent; }

duration draw(const span& between, random_source& chance) {
  constexpr std::int64_t grain_ns = 1'000'000;  // readable, and fine enough for people
  const auto steps = static_cast<std::uint64_t>((between.max - between.min).count() / grain_ns);
  return between.min + duration{static_cast<std::int64_t>(chance.below(steps + 1)) * grain_ns};
}

std::uint32_t up_to(std::uint32_t most, random_source& chance) {
  return static_cast<std::uint32_t>(1 + chance.below(most));
}

/// One user's way through the shop, step by step.
class shopper {
 public:
  shopper(const workload& of, const std::vector<shelf>& shelves, std::string user, std::uint64_t seed)
      : of_(of), shelves_(shelves), cart_("cart/" + user), chance_(seed) {}

  void go_shopping(const std::string& order_id) {
    const auto skus = fill_cart();
    if (happens(of_.change_percent, chance_)) change_cart(skus);
    if (happens(of_.leave_percent, chance_)) return;
    think();
    ask(cart_, "checkout", R"({"orderId": ")" + order_id + "\"}", false);
    deal_with("order/" + order_id);
  }

  /// What somebody does who has the same cart open elsewhere.
  void meddle(const std::string& order_id) {
    const auto skus = fill_cart();
    change_cart(skus);
    if (chance_.below(2) == 0) return;
    think();
    ask(cart_, "checkout", R"({"orderId": ")" + order_id + "\"}", true);
  }

  void think() {
    if (const auto time = draw(of_.think, chance_); time > duration{}) wait(time);
  }
  std::vector<client_step> steps() && { return std::move(steps_); }

 private:
  void wait(duration time) {
    // In place: of a temporary that is moved g++ 12 believes, with -O2, that it is not initialised.
    steps_.emplace_back(std::in_place_type<wait_step>, time);
  }
  void ask(const std::string& entity, std::string command, std::string body = "{}", bool optional = true) {
    const auto copies = happens(of_.duplicate_percent, chance_) ? 1 + up_to(3, chance_) : 1;
    steps_.push_back(ask_step{entity, std::move(command), std::move(body), copies, optional});
  }

  void await(const std::string& order, std::vector<std::string> statuses) {
    steps_.push_back(await_step{order, "status", std::move(statuses), std::chrono::minutes{2}, false});
  }

  std::vector<std::string> fill_cart() {
    std::vector<std::string> skus;
    const auto lines = std::min<std::size_t>(up_to(of_.lines_max, chance_), shelves_.size());
    while (skus.size() < lines) {
      const auto& sku = shelves_[draw_shelf(shelves_.size(), of_.skew_percent, chance_)].sku;
      // A shelf that everybody wants is drawn over and over: twice is enough.
      if (!skus.empty() && std::find(skus.begin(), skus.end(), sku) != skus.end()) break;
      skus.push_back(sku);
      ask(cart_, "addItem",
          R"({"sku": ")" + sku + R"(", "quantity": )" + std::to_string(up_to(of_.quantity_max, chance_)) + "}");
      // Without a lot if nobody does: the same seed goes on giving the same run.
      if (of_.look_percent > 0 && happens(of_.look_percent, chance_)) steps_.push_back(view_step{.entity = cart_});
      if (of_.stale_look_percent > 0 && happens(of_.stale_look_percent, chance_))
        steps_.push_back(view_step{.entity = cart_, .stale = true});
      think();
    }
    return skus;
  }

  void change_cart(const std::vector<std::string>& skus) {
    const auto& sku = skus[chance_.below(skus.size())];
    steps_.push_back(view_step{.entity = cart_});
    if (skus.size() > 1 && chance_.below(2) == 0)
      ask(cart_, "removeItem", R"({"sku": ")" + sku + "\"}");
    else
      ask(cart_, "setQuantity",
          R"({"sku": ")" + sku + R"(", "quantity": )" + std::to_string(up_to(of_.quantity_max, chance_)) + "}");
  }

  void deal_with(const std::string& order) {
    const auto lot = chance_.below(100);
    const bool cancels = lot < of_.cancel_percent;
    if (cancels && chance_.below(2) == 0) {
      // While the checkout runs: it takes some milliseconds, the order is there after the first few.
      wait(std::chrono::milliseconds{chance_.below(40)});
      ask(order, "requestCancellation", R"({"reason": "changed my mind"})");
      return await(order, {"cancelled"});
    }
    await(order, {"paid", "cancelled"});
    if (cancels) {
      think();
      ask(order, "requestCancellation", R"({"reason": "changed my mind"})");
      return await(order, {"cancelled"});
    }
    const bool wants_money_back = lot < of_.cancel_percent + of_.refund_percent;
    const bool delivered = lot < of_.cancel_percent + of_.refund_percent + of_.deliver_percent;
    if (wants_money_back ? chance_.below(2) == 0 : delivered) {
      think();
      ask(order, "ship", R"({"trackingCode": "1Z999AA10123456784"})");
      think();
      ask(order, "deliver");
    }
    if (!wants_money_back) return;
    think();
    ask(order, "requestRefund", R"({"reason": "arrived broken"})");
    await(order, {"refunded", "cancelled"});
  }

  const workload& of_;
  const std::vector<shelf>& shelves_;
  const std::string cart_;
  random_source chance_;
  std::vector<client_step> steps_;
};

}  // namespace

std::size_t draw_shelf(std::size_t shelves, std::uint32_t skew_percent, random_source& chance) {
  BV_ASSERT(shelves > 0, "a shopper needs a shelf");
  // Weights 1/rank^s in whole numbers; between two whole exponents they are mixed. No pow(): it may differ from one
  // machine to the next.
  constexpr std::uint64_t one = std::uint64_t{1} << 30;
  const auto weight = [&](std::uint64_t rank) {
    std::uint64_t lower = one;
    for (auto left = skew_percent / 100; left > 0; --left) lower /= rank;
    const auto share = skew_percent % 100;
    return ((100 - share) * lower + share * (lower / rank)) / 100 + 1;
  };
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i <= shelves; ++i) sum += weight(i);
  auto lot = chance.below(sum);
  std::size_t chosen = 0;
  for (; lot >= weight(chosen + 1); ++chosen) lot -= weight(chosen + 1);
  return chosen;
}

std::vector<client_script> make_clients(const workload& of, const std::vector<shelf>& shelves, std::uint16_t nodes,
                                        std::uint64_t seed) {
  std::vector<client_script> clients;
  duration start{};
  for (std::uint32_t i = 1; i <= of.users; ++i) {
    const auto user = "u" + std::to_string(i);
    const auto seed_of = [&](const std::string& part) { return runtime::derive_seed(seed, "workload/" + user + part); };
    random_source chance(seed_of(""));
    start += draw(of.arrival, chance);
    const auto node = static_cast<std::uint16_t>((i - 1) % nodes);

    shopper first(of, shelves, user, seed_of("/steps"));
    const auto trips = up_to(of.trips_max, chance);
    for (std::uint32_t trip = 1; trip <= trips; ++trip) {
      if (trip > 1) first.think();
      first.go_shopping("o-" + user + "-" + std::to_string(trip));
    }
    clients.push_back({user, "", start, node, std::move(first).steps()});

    if (!happens(of.second_device_percent, chance)) continue;
    shopper second(of, shelves, user, seed_of("b/steps"));
    second.meddle("o-" + user + "b-1");
    clients.push_back({user + "b", user, start + draw(of.think, chance), node, std::move(second).steps()});
  }
  return clients;
}

}  // namespace bv::sim
