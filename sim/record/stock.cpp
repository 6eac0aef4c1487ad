// The shelves of a story. What was on them is what the story found, and other people's reservations are not there for it.
// What others bought meanwhile is left out unless the checkout failed for want of goods: then it is why, and is replayed
// as commands at the same times. Goods that came in, and counts that were corrected, are always.
#include "sim/record/stock.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "protocols/schema/contract.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/record/story.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
namespace stock = commerce::inventory;
namespace run = sagas::run;

constexpr std::int64_t shelf_max = 1'000'000;  // what a scenario's shelf may hold
/// Of other people's dealings; if there were more, one correction stands for all.
constexpr std::size_t dealings_max = 200;
/// Two who want the last one come this close together: a replay is not so exact.
constexpr duration close_race = 50ms;

constexpr std::array<std::string_view, 4> want_of_goods{"out_of_stock", "reservation_expired", "sku_retired",
                                                        "too_many_reservations"};

std::string reservation_of(const stock::event& of) {
  return std::visit(cases{[](const stock::reserved& fact) { return fact.reservation_id; },
                          [](const stock::released& fact) { return fact.reservation_id; },
                          [](const stock::committed& fact) { return fact.reservation_id; },
                          [](const stock::reservation_expired& fact) { return fact.reservation_id; },
                          [](const stock::restocked& fact) { return fact.return_id; },
                          [](const auto&) { return std::string(); }},
                    of);
}

struct refusal {
  timestamp at;
  std::string code;
};

/// When the checkout was refused goods, if it was.
std::optional<refusal> find_refusal(const story& of) {
  for (const auto& one : of.checkout().events) {
    const auto* fault = std::visit(cases{[](const run::compensation_began& fact) { return &fact.fault; },
                                         [](const run::parked& fact) { return &fact.fault; },
                                         [](const auto&) -> const run::fault* { return nullptr; }},
                                   one.what);
    if (fault && std::ranges::find(want_of_goods, fault->code) != want_of_goods.end()) return refusal{one.at, fault->code};
  }
  return std::nullopt;
}

class stocktaker {
 public:
  explicit stocktaker(const story& of) : story_(of), refused_(find_refusal(of)) {
    for (const auto& one : of.checkout().events)
      if (!undone_from_ && std::holds_alternative<run::compensation_began>(one.what)) undone_from_ = one.at;
  }

  stock_record take() && {
    for (const auto& one : story_.shelves) take(one);
    return std::move(out_);
  }

 private:
  void take(const shelf_story& of) {
    if (of.available > shelf_max)
      note("of " + of.sku + " there were " + std::to_string(of.available) + " units; a scenario's shelf holds at most " +
           std::to_string(shelf_max));
    available_ = std::clamp<std::int64_t>(of.available, 0, shelf_max);
    sold_ = 0;
    others_ = false;
    const auto missing = lacking(of, available_);
    out_.shelves.push_back({of.sku, static_cast<std::uint32_t>(available_ + missing), of.price_minor});
    if (missing > 0) explain(of, missing);
    take_dealings(of);
    for (const auto& one : of.events)
      if (is_about(one.what, story_.order)) take_own(of, one);
      else if (reservation_of(one.what).empty()) take_supply(of, one);
    if (story_.unfinished()) return;
    expect(of, "sold", sold_);
    if (!others_) expect(of, "available", available_);
  }

  void expect(const shelf_story& of, std::string path, std::int64_t value) {
    out_.expectations.push_back({"inventory/" + of.sku, std::move(path), {std::to_string(value)}});
  }

  /// Units that the story could have and that are not on the shelf of a replay: others gave them back meanwhile, or they were
  /// gone already and the shop window, which trails the shelf, still showed them.
  [[nodiscard]] std::int64_t lacking(const shelf_story& of, std::int64_t begin) const {
    const auto at_hand = [&](timestamp moment) {
      auto sum = begin;
      for (const auto& one : of.events)
        if (one.at < moment && is_replayed(one)) sum += change_of(one.what);
      return sum;
    };
    std::int64_t most = 0;
    const auto need = [&](timestamp moment, const std::string& sku, std::uint32_t quantity) {
      if (sku == of.sku) most = std::max(most, std::int64_t{quantity} - at_hand(moment));
    };
    for (const auto& one : story_.basket)
      std::visit(cases{[&](const commerce::cart::item_added& fact) { need(one.at, fact.line.sku, fact.line.quantity); },
                       [&](const commerce::cart::quantity_set& fact) { need(one.at, fact.line.sku, fact.line.quantity); },
                       [](const auto&) {}},
                 one.what);
    for (const auto& one : of.events)
      if (const auto* fact = std::get_if<stock::reserved>(&one.what); fact && is_about(one.what, story_.order))
        need(one.at, of.sku, fact->quantity);
    return most;
  }

  [[nodiscard]] bool is_replayed(const told<stock::event>& one) const {
    const auto who = reservation_of(one.what);
    if (who.empty() || who == story_.order) return true;
    return refused_ && one.at <= refused_->at && !is_race(one.at);
  }

  void explain(const shelf_story& of, std::int64_t missing) {
    const auto units = std::to_string(missing) + " more units of " + of.sku + " are on the shelf at first: ";
    if (!refused_) {
      available_ += missing;
      return note(units + "others gave back as many meanwhile");
    }
    note(units + "the cart still showed them");
    add(when_filled(), "inventory/" + of.sku, "adjust", {{"delta", -missing}, {"reason", "gone before the shop window said so"}});
  }

  /// Only a compensation lets go of goods by itself.
  void take_own(const shelf_story& of, const told<stock::event>& one) {
    available_ += change_of(one.what);
    if (const auto* fact = std::get_if<stock::committed>(&one.what)) sold_ += fact->quantity;
    if (const auto* fact = std::get_if<stock::restocked>(&one.what)) sold_ -= fact->quantity;
    if (std::holds_alternative<stock::reserved>(one.what)) reserved_at_ = one.at;
    if (!std::holds_alternative<stock::released>(one.what) || (undone_from_ && *undone_from_ <= one.at)) return;
    trigger when;
    when.on_event = {.type = "inventory.reserved", .id_prefix = story_.shelves.size() > 1 ? of.sku : "",
                     .field = "reservationId", .value = story_.order};
    when.then_after = rounded(one.at - reserved_at_);
    add(std::move(when), "inventory/" + of.sku, "release", {{"reservationId", story_.order}});
  }

  void take_supply(const shelf_story& of, const told<stock::event>& one) {
    const auto entity = "inventory/" + of.sku;
    std::visit(cases{[&](const stock::received& fact) { add(at(one.at), entity, "receive", {{"quantity", fact.quantity}}); },
                     [&](const stock::initialised& fact) { add(at(one.at), entity, "receive", {{"quantity", fact.quantity}}); },
                     [&](const stock::adjusted& fact) {
                       add(at(one.at), entity, "adjust", {{"delta", fact.delta}, {"reason", fact.reason}});
                     },
                     [&](const stock::retired&) { add(at(one.at), "product/p-" + of.sku, "remove", {}); },
                     [](const auto&) {}},
               one.what);
    available_ += change_of(one.what);
  }

  void take_dealings(const shelf_story& of) {
    tale<stock::event> dealings;
    std::set<std::string> sold;
    for (const auto& one : of.events) {
      const auto who = reservation_of(one.what);
      if (who.empty() || who == story_.order) continue;
      if (std::holds_alternative<stock::committed>(one.what)) sold.insert(who);
      if (refused_ && one.at <= refused_->at) dealings.push_back(one);
    }
    others_ = !dealings.empty();
    if (dealings.size() > dealings_max) return sum_up(of, dealings);
    std::set<std::string> held;
    for (const auto& one : dealings) replay(of, one, sold, held);
  }

  /// What is sold is gone for good: sold by hand it would be a sale without an order.
  void replay(const shelf_story& of, const told<stock::event>& one, const std::set<std::string>& sold,
              std::set<std::string>& held) {
    const auto entity = "inventory/" + of.sku;
    const auto who = reservation_of(one.what);
    const auto change = change_of(one.what);
    if (const auto* fact = std::get_if<stock::reserved>(&one.what)) {
      if (sold.contains(who)) return add(before_refusal(one.at), entity, "adjust", {{"delta", change}, {"reason", "sold to " + who}});
      held.insert(who);
      return add(before_refusal(one.at), entity, "reserve", {{"reservationId", who}, {"quantity", fact->quantity}});
    }
    const bool by_hand = std::holds_alternative<stock::released>(one.what);
    if (held.contains(who)) {  // what expires does so by itself
      if (by_hand) add(at(one.at), entity, "release", {{"reservationId", who}});
    } else if (change != 0) {  // it was reserved before the story began
      add(at(one.at), entity, "receive", {{"quantity", change}, {"reference", "given back by " + who}});
    }
  }

  void sum_up(const shelf_story& of, const tale<stock::event>& dealings) {
    std::int64_t sum = 0;
    for (const auto& one : dealings) sum += change_of(one.what);
    note(std::to_string(dealings.size()) + " dealings of others with " + of.sku + " are written as one correction of " +
         std::to_string(sum) + " units, before the checkout");
    if (sum == 0) return;
    add(when_filled(), "inventory/" + of.sku, "adjust", {{"delta", sum}, {"reason", "bought and given back by others"}});
  }

  [[nodiscard]] trigger at(timestamp moment) const {
    trigger when;
    when.at = rounded(std::max(moment - story_.begin, duration{}));
    return when;
  }
  /// When the cart is as it is checked out. Later is too late: the checkout reserves within milliseconds.
  [[nodiscard]] trigger when_filled() const {
    const auto& filled = story_.basket[story_.basket.size() - 2].what;
    const auto alike = std::ranges::count_if(story_.basket, [&](const auto& one) { return one.what.index() == filled.index(); });
    const auto& contract = commerce::cart::contract::reflection();
    trigger when;
    when.on_event = {.type = "cart." + contract.find_event(static_cast<std::uint16_t>(filled.index()))->name,
                     .id_prefix = story_.customer, .nth = static_cast<std::uint32_t>(alike)};
    return when;
  }
  /// Whether a replay may take the wrong turn: others were there just before the cart was filled, or before we were refused.
  [[nodiscard]] bool is_race(timestamp moment) const {
    const auto soon_after = [&](timestamp other) { return other >= moment && other - moment < close_race; };
    return refused_->code == "out_of_stock" &&
           (soon_after(refused_->at) || std::ranges::any_of(story_.basket, [&](const auto& one) { return soon_after(one.at); }));
  }
  /// Who took the last one before us must do so again, and not before it was in our cart.
  [[nodiscard]] trigger before_refusal(timestamp moment) const { return is_race(moment) ? when_filled() : at(moment); }

  void add(trigger when, std::string entity, std::string command, json::object body) {
    out_.faults.push_back({std::move(when), 0, command_fault{{std::move(entity), std::move(command), json::serialize(body)}}});
  }

  void note(std::string what) { out_.notes.push_back(std::move(what)); }

  const story& story_;
  const std::optional<refusal> refused_;
  std::optional<timestamp> undone_from_;
  stock_record out_;
  // Of the shelf at hand.
  std::int64_t available_ = 0, sold_ = 0;
  timestamp reserved_at_;
  bool others_ = false;
};

}  // namespace

std::int64_t change_of(const stock::event& of) {
  return std::visit(cases{[](const stock::initialised& fact) { return std::int64_t{fact.quantity}; },
                          [](const stock::received& fact) { return std::int64_t{fact.quantity}; },
                          [](const stock::adjusted& fact) { return fact.delta; },
                          [](const stock::reserved& fact) { return -std::int64_t{fact.quantity}; },
                          [](const stock::released& fact) { return std::int64_t{fact.quantity}; },
                          [](const stock::reservation_expired& fact) { return std::int64_t{fact.quantity}; },
                          [](const stock::restocked& fact) { return std::int64_t{fact.quantity}; },
                          [](const auto&) { return std::int64_t{0}; }},
                    of);
}

bool is_about(const stock::event& what, std::string_view reservation) { return reservation_of(what) == reservation; }

stock_record record_stock(const story& of) { return stocktaker(of).take(); }

}  // namespace bv::sim
