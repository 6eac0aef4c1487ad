#include "tools/chaos/customer.hpp"

#include <utility>

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;

/// A cart's history must stay short enough to be searched for an order.
constexpr std::uint64_t asked_of_a_cart_max = 200;
/// That are used in turn, so that all shards have something to do.
constexpr std::uint64_t carts_at_once = 4;
constexpr unsigned think_from_ms = 5, think_to_ms = 45;
constexpr std::size_t held_at_once = 3;

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

}  // namespace

customer::customer(const askers_world& around, const goods& there, std::uint64_t seed, std::size_t number,
                   std::atomic<std::uint64_t>& done_with_carts)
    : around_(around),
      goods_(there),
      name_("customer-" + std::to_string(number)),
      run_(std::to_string(seed)),
      household_("household-" + std::to_string(number / 2)),
      done_with_carts_(done_with_carts),
      chance_(runtime::derive_seed(seed, name_)),
      asking_(around, runtime::derive_seed(seed, name_ + "/nodes")) {}

void customer::shop() {
  while (around_.run.now() == going::phase::on) {
    do_something();
    around_.run.pause(milliseconds(think_from_ms + chance_.below(think_to_ms - think_from_ms)));
  }
}

std::string customer::cart() {
  const auto number = done_with_carts_++;
  return household_ + "." + std::to_string(number / (asked_of_a_cart_max * carts_at_once)) + "." + std::to_string(number % carts_at_once);
}

void customer::ask(const std::string& entity, const std::string& command, const std::string& json) {
  // A cart is its user's own; what is done to shelves is done under one's own name.
  const bool is_cart = entity.starts_with("cart/");
  const auto user = is_cart ? entity.substr(entity.find('/') + 1) : name_;
  asking_.ask(around_.language.command(name_, user, entity, command, json, run_ + "-" + name_ + "-" + std::to_string(++asked_)));
}

void customer::look(const std::string& entity) { asking_.ask(around_.language.view(name_, name_, entity)); }

void customer::do_something() {
  const auto what = chance_.below(100);
  if (what < 75) return change_cart();
  deal_with_shelf();
}

void customer::change_cart() {
  const auto mine = "cart/" + cart();
  const auto what = chance_.below(75);
  if (what < 35)
    ask(mine, "addItem", "{\"sku\":" + in_quotes(some_sku()) + ",\"quantity\":" + std::to_string(1 + chance_.below(2)) + "}");
  else if (what < 42)
    ask(mine, "setQuantity", "{\"sku\":" + in_quotes(some_sku()) + ",\"quantity\":" + std::to_string(1 + chance_.below(10)) + "}");
  else if (what < 50) ask(mine, "removeItem", "{\"sku\":" + in_quotes(some_sku()) + "}");
  else if (what < 51) ask(mine, "clear", "{}");
  else if (what < 54) ask(mine, "checkout", "{}");
  else look(mine);
}

void customer::deal_with_shelf() {
  const auto what = chance_.below(25);
  if (what < 4) return look("inventory/" + some_sku());
  if (what < 6) return ask("inventory/" + some_sku(), "receive", "{\"quantity\":" + std::to_string(1 + chance_.below(4)) + "}");
  if (held_.size() < held_at_once && what < 17) {
    const auto& sku = held_.emplace_back(some_sku(), name_ + "-" + std::to_string(asked_)).sku;
    return ask("inventory/" + sku, "reserve",
               "{\"reservationId\":" + in_quotes(held_.back().id) + ",\"quantity\":" + std::to_string(1 + chance_.below(3)) + "}");
  }
  if (held_.empty()) return;
  const auto [sku, id] = std::exchange(held_.front(), {});
  held_.pop_front();
  ask("inventory/" + sku, "release", "{\"reservationId\":" + in_quotes(id) + "}");
}

}  // namespace bv::chaos
