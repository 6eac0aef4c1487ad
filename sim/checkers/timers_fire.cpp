// What is to happen at a time happens at that time, whatever crashed in between: goods that are held are freed, unpaid
// orders cancelled, idle carts emptied, late sagas undone.
//
// When an entity wants to be woken follows from its events and the shop's rules, and is worked out here from those alone.
// Every record must carry a wake-up that is registered by then: the timer and the event that needs it are one write. (It
// may be registered for earlier: the runtime keeps an old registration and looks again when it comes. So that a
// registered time is over says nothing; that the wished-for time is over says that the timer was lost.) At the end nobody
// may be waiting whose time is over by more than some seconds and what the plan does to the node's clock.

#include <algorithm>
#include <functional>
#include <map>

#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/checkers/shop_book.hpp"

namespace bv::sim {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr duration unpaid_max = minutes{30};        // E3, E5
constexpr duration idle_max = days{30};             // E2
constexpr duration slack = seconds{10};
/// Between two looks at the clock for one record.
constexpr duration same_moment = seconds{1};

timestamp due(const commerce::cart::state& now) {
  return now.lines.empty() || !now.checking_out.empty() ? timestamp{} : now.touched_at + idle_max;
}
timestamp due(const commerce::inventory::state& now) {
  return now.reservations.empty() ? timestamp{} : now.reservations.front().expires_at;
}
timestamp due(const commerce::order::state& now) {
  using commerce::order::status;
  return now.status == status::pending || now.status == status::confirmed ? now.placed_at + unpaid_max : timestamp{};
}
timestamp due(const commerce::payment::state& now) {
  using commerce::payment::status;
  return now.status == status::requested || now.status == status::authorized ? now.requested_at + unpaid_max : timestamp{};
}
timestamp due(const saga_facts& now) { return now.due(); }

/// Calls `look` with the facts under the key, if the book has them.
template <class Look>
void with_facts(const shop_book& book, std::uint16_t node, const entity_key& key, Look look) {
  const auto* of = book.shop_of(node, key);
  if (!of) return;
  const auto one = [&](const auto& all) {
    if (const auto* facts = find(all, key.id())) look(*facts);
  };
  if (key.type() == "cart") one(of->carts);
  if (key.type() == "inventory") one(of->shelves);
  if (key.type() == "order") one(of->orders);
  if (key.type() == "payment") one(of->payments);
  if (key.type() == "saga") one(of->sagas);
}

/// A timer that fires with this event; the time at which it may; and the one at which it did.
struct firing {
  timestamp due, at;
};

/// What the record's timer did too early.
template <class Contract, class Pick>
void each_firing(const observed_record& record, Pick pick, const std::function<void(firing)>& see) {
  for_each_event<Contract>(record, [&](const auto& event) {
    if (const std::optional<firing> fired = pick(event)) see(*fired);
  });
}

void firings_of(const shop_book& book, const observed_record& record, const std::function<void(firing)>& see) {
  with_facts(book, record.node, record.entity, cases{
      [&](const cart_facts& of) {
        each_firing<commerce::cart::contract>(record, [&](const auto& event) -> std::optional<firing> {
          const auto* fact = std::get_if<commerce::cart::expired>(&event);
          return fact ? std::optional(firing{of.now.touched_at + idle_max, fact->at}) : std::nullopt;
        }, see);
      },
      [&](const shelf_facts& of) {
        each_firing<commerce::inventory::contract>(record, [&](const auto& event) -> std::optional<firing> {
          const auto* fact = std::get_if<commerce::inventory::reservation_expired>(&event);
          const auto* held = fact ? of.now.reservations.find(fact->reservation_id) : nullptr;
          return held ? std::optional(firing{held->expires_at, fact->at}) : std::nullopt;
        }, see);
      },
      [&](const order_facts& of) {
        each_firing<commerce::order::contract>(record, [&](const auto& event) -> std::optional<firing> {
          const auto* fact = std::get_if<commerce::order::cancelled>(&event);
          return fact && fact->reason == "unpaid" ? std::optional(firing{of.now.placed_at + unpaid_max, fact->at}) : std::nullopt;
        }, see);
      },
      [&](const payment_facts& of) {
        each_firing<commerce::payment::contract>(record, [&](const auto& event) -> std::optional<firing> {
          const auto* fact = std::get_if<commerce::payment::timed_out>(&event);
          return fact ? std::optional(firing{of.now.requested_at + unpaid_max, fact->at}) : std::nullopt;
        }, see);
      },
      [&](const saga_record& of) {
        each_firing<sagas::run::contract>(record, [&](const auto& event) -> std::optional<firing> {
          const auto* fact = std::get_if<sagas::run::compensation_began>(&event);
          const bool late = fact && fact->cause == sagas::run::cause::deadline;
          return late ? std::optional(firing{of.now.deadline_at, fact->at}) : std::nullopt;
        }, see);
      }});
}

/// How far behind the world's a node's clock may ever be in this plan.
duration behind_max(const plan& of, duration elapsed) {
  duration most{};
  const auto see = [&](const clock_setting& one) {
    const auto drifted = std::chrono::microseconds{
        std::chrono::duration_cast<seconds>(elapsed).count() * std::max<std::int64_t>(-one.drift_ppm, 0)};
    most = std::max(most, -one.ahead_by + duration{drifted});
  };
  for (const auto& one : of.clocks) see(one);
  for (const auto& one : of.faults)
    if (const auto* set = std::get_if<clock_fault>(&one.what)) see(set->to);
  return most;
}

class timers_fire_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "timers_fire";

  explicit timers_fire_checker(const plan& of) : judge(invariant_name), plan_(of) {}

  void at_end(const observations& all, std::vector<violation>& found) override {
    shop_book book;
    auto began = all.now;
    for (const auto& record : all.records) {
      began = std::min(began, record.decided_at);
      firings_of(book, record, [&](firing fired) {
        if (fired.at < fired.due)
          report(found, record.committed_at,
                 place_of(record) + ": its timer fired at " + to_rfc3339(fired.at) + ", it was to at " + to_rfc3339(fired.due));
      });
      check_lifetimes(book, record, found);
      if (!book.take(record)) report(found, record.committed_at, place_of(record) + ": an event can't be read");
      check_registered(book, record, found);
    }
    const auto late_after = all.now - slack - behind_max(plan_, all.now - began);
    for (const auto& [where, of] : book.shops()) {
      if (!serves(all, where.first)) continue;
      const auto look = [&, node = where.first](const std::string& type, const auto& facts) {
        for (const auto& [id, one] : facts) check_over(node, type + "/" + id, due(one.now), late_after, all.now, found);
      };
      look("cart", of.carts);
      look("inventory", of.shelves);
      look("order", of.orders);
      look("payment", of.payments);
      look("saga", of.sagas);
    }
  }

 private:
  static bool serves(const observations& all, std::uint16_t node) {
    const auto last = std::ranges::find(all.loads.rbegin(), all.loads.rend(), node, &node_load::node);
    return last == all.loads.rend() || last->serving;
  }

  void check_registered(const shop_book& book, const observed_record& record, std::vector<violation>& found) {
    with_facts(book, record.node, record.entity, [&](const auto& facts) {
      const auto wish = due(facts.now);
      if (wish == timestamp{} || (record.wake_after != timestamp{} && record.wake_after <= wish)) return;
      report(found, record.committed_at,
             place_of(record) + " has to be woken at " + to_rfc3339(wish) +
                 (record.wake_after == timestamp{} ? ", and no wake-up is registered"
                                                   : ", the wake-up is registered for " + to_rfc3339(record.wake_after)));
    });
  }

  /// Goods are held for five minutes, or as long as those that were held before: they are freed in order. Afterwards
  /// nothing is sold on that hold, even if its timer is late.
  void check_lifetimes(const shop_book& book, const observed_record& record, std::vector<violation>& found) {
    if (record.entity.type() != "inventory") return;
    commerce::inventory::state before;
    with_facts(book, record.node, record.entity,
               cases{[&](const shelf_facts& of) { before = of.now; }, [](const auto&) {}});
    const auto least = before.reservations.empty() ? timestamp{} : before.reservations.back().expires_at;
    const auto say = [&](const std::string& reservation, const std::string& wrong) {
      report(found, record.committed_at, place_of(record) + ": reservation " + reservation + wrong);
    };
    const auto held = [&](const commerce::inventory::reserved& now) {
      const auto right = std::max(least, record.decided_at + goods_held_for);
      if (now.expires_at < right - same_moment || now.expires_at > right + same_moment)
        say(now.reservation_id, " is held until " + to_rfc3339(now.expires_at) + ", it should be until " + to_rfc3339(right));
    };
    const auto sold = [&](const commerce::inventory::committed& now) {
      const auto* const held_before = before.reservations.find(now.reservation_id);
      if (held_before && now.at >= held_before->expires_at)
        say(now.reservation_id, " is sold at " + to_rfc3339(now.at) + ", it was held until " + to_rfc3339(held_before->expires_at));
    };
    for_each_event<commerce::inventory::contract>(
        record, [&](const auto& event) { std::visit(cases{held, sold, [](const auto&) {}}, event); });
  }

  void check_over(std::uint16_t node, const std::string& entity, timestamp wish, timestamp late_after, timestamp now,
                  std::vector<violation>& found) {
    if (wish == timestamp{} || wish >= late_after) return;
    report(found, now, node_name(node) + " " + entity + " was to be woken at " + to_rfc3339(wish) + ", and still sleeps");
  }

  const plan& plan_;
};

}  // namespace

invariant timers_fire() {
  return {{timers_fire_checker::invariant_name,
           "Whoever is to be woken has a wake-up registered in the same write, is not woken early, and is woken."},
          [](const plan& of) -> std::unique_ptr<checker> { return std::make_unique<timers_fire_checker>(of); }};
}

}  // namespace bv::sim
