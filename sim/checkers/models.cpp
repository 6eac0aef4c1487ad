#include "sim/checkers/models.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "protocols/schema/base/hash.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

namespace cart = commerce::cart;
using cart_state = cart_model::state;

/// As the contract has it (E2).
constexpr std::uint32_t quantity_max = 10;
constexpr std::size_t lines_max = 100;

/// What a command makes of the cart if products are no obstacle; nothing: it is refused. The version counts the events.
class wish {
 public:
  explicit wish(const cart_state& now) : now_(now) {}

  std::optional<cart_state> operator()(const cart::add_item& of) const {
    const auto held = now_.lines.find(of.sku);
    const auto quantity = of.quantity + (held == now_.lines.end() ? 0 : held->second);
    if (held == now_.lines.end() && now_.lines.size() >= lines_max) return std::nullopt;
    return quantity > quantity_max ? std::nullopt : open_with(of.sku, quantity);
  }
  std::optional<cart_state> operator()(const cart::set_quantity& of) const {
    return now_.lines.contains(of.sku) ? open_with(of.sku, of.quantity) : std::nullopt;
  }
  std::optional<cart_state> operator()(const cart::remove_item& of) const {
    if (locked()) return std::nullopt;
    auto then = now_;
    then.version += then.lines.erase(of.sku);
    return then;
  }
  std::optional<cart_state> operator()(const cart::clear&) const {
    if (locked()) return std::nullopt;
    return now_.lines.empty() ? now_ : emptied();
  }
  std::optional<cart_state> operator()(const cart::checkout& of) const {
    if (locked() || now_.lines.empty()) return std::nullopt;
    auto then = now_;
    then.checking_out = of.order_id;
    ++then.version;
    return then;
  }
  std::optional<cart_state> operator()(const cart::complete_checkout& of) const {
    return now_.checking_out == of.order_id ? emptied() : now_;
  }
  std::optional<cart_state> operator()(const cart::reopen_after_checkout& of) const {
    auto then = now_;
    if (then.checking_out != of.order_id) return then;
    then.checking_out.clear();
    ++then.version;
    return then;
  }
  /// Whether its time has come is not for the model to say: nobody but the cart's own timer asks.
  std::optional<cart_state> operator()(const cart::expire&) const { return now_; }

 private:
  [[nodiscard]] bool locked() const { return !now_.checking_out.empty(); }
  [[nodiscard]] std::optional<cart_state> open_with(const std::string& sku, std::uint32_t quantity) const {
    if (locked()) return std::nullopt;
    auto then = now_;
    then.lines[sku] = quantity;
    ++then.version;
    return then;
  }
  [[nodiscard]] cart_state emptied() const { return {now_.version + 1, {}, {}}; }

  const cart_state& now_;
};

/// Whether the cart may refuse so. What is not about the cart itself is believed, if only the cart is open: whether it is,
/// is looked at first.
bool may_refuse(const cart_state& now, const cart::command& asked, std::string_view code) {
  constexpr std::array<std::string_view, 7> about_products{
      "product_unknown",     "product_unavailable", "currency_mixed", "order_too_many_lines",
      "order_below_minimum", "order_above_maximum", "price_changed"};
  const bool locked = !now.checking_out.empty();
  const auto held = [&](const std::string& sku) {
    const auto found = now.lines.find(sku);
    return found == now.lines.end() ? 0u : found->second;
  };
  if (code == "cart_checking_out") return locked;
  if (code == "cart_empty") return !locked && now.lines.empty();
  if (code == "cart_full") return !locked && now.lines.size() >= lines_max;
  if (const auto* add = std::get_if<cart::add_item>(&asked); add && code == "item_limit")
    return !locked && held(add->sku) + add->quantity > quantity_max;
  if (const auto* set = std::get_if<cart::set_quantity>(&asked); set && code == "item_not_in_cart")
    return !locked && held(set->sku) == 0;
  return std::ranges::find(about_products, code) == about_products.end() || !locked;
}

std::optional<cart_state> step(const cart_state& now, const cart_model::command& asked) {
  if (const auto* said = std::get_if<cart_model::refused>(&asked.answer))
    return may_refuse(now, asked.what, said->code) ? std::optional(now) : std::nullopt;
  auto then = std::visit(wish(now), asked.what);
  const auto* said = std::get_if<cart_model::accepted>(&asked.answer);
  if (then && said && (then->version != said->version || then->version - now.version != said->events)) return std::nullopt;
  return then;
}

std::optional<cart_state> step(const cart_state& now, const cart_model::view& seen) {
  return seen.shown == now ? std::optional(now) : std::nullopt;
}

std::optional<cart_state> step(const cart_state& now, const cart_model::record& what) {
  if (now.version + what.events.size() != what.version) return std::nullopt;
  auto then = now;
  then.version = what.version;
  for (const auto& event : what.events)
    std::visit(cases{[&](const cart::item_added& fact) { then.lines[fact.line.sku] = fact.line.quantity; },
                     [&](const cart::quantity_set& fact) { then.lines[fact.line.sku] = fact.line.quantity; },
                     [&](const cart::item_removed& fact) { then.lines.erase(fact.sku); },
                     [&](const cart::cleared&) { then.lines.clear(); },
                     [&](const cart::checkout_started& fact) { then.checking_out = fact.order_id; },
                     [&](const cart::checkout_completed&) {
                       then.lines.clear();
                       then.checking_out.clear();
                     },
                     [&](const cart::checkout_reopened&) { then.checking_out.clear(); },
                     [&](const cart::expired&) { then.lines.clear(); }},
               event);
  return then;
}

}  // namespace

std::optional<cart_model::state> cart_model::step(const state& now, const operation& what) {
  return std::visit([&](const auto& one) { return sim::step(now, one); }, what);
}

bool cart_model::only_looks(const operation& what) {
  const auto* asked = std::get_if<command>(&what);
  return std::holds_alternative<view>(what) || (asked && std::holds_alternative<refused>(asked->answer));
}

std::uint64_t cart_model::hash(const state& of) {
  auto sum = hash64(of.checking_out) + of.version;
  for (const auto& [sku, quantity] : of.lines) sum = sum * 0x9e3779b97f4a7c15u + hash64(sku) + quantity;
  return sum;
}

cart_model::state cart_shown(std::uint64_t version, const cart::state& shown) {
  cart_model::state seen{version, shown.checking_out, {}};
  for (const auto& line : shown.lines) seen.lines[line.sku] = line.quantity;
  return seen;
}

}  // namespace bv::sim
