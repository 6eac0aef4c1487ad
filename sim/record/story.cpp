#include "sim/record/story.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/nearest.hpp"
#include "protocols/schema/sagas/checkout.hpp"
#include "sim/checkers/commerce_fold.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/record/stock.hpp"

namespace bv::sim {
namespace {

using namespace std::string_literals;
namespace cart = commerce::cart;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace payment = commerce::payment;
namespace run = sagas::run;

/// So much of a shelf's history is read at first; a shelf that many buy from has a long one.
constexpr std::uint64_t shelf_events_at_first = 1000;

template <class Contract>
result<tale<typename Contract::event_type>> decode_tale(const entity_key& of, const std::vector<recorded_event>& events) {
  tale<typename Contract::event_type> all;
  for (const auto& one : events) {
    typename Contract::event_type event;
    if (const auto read = Contract::decode(one.payload, event); !read)
      return failure(error_kind::internal, "record_unreadable",
                     "event " + std::to_string(one.version) + " can't be read: " + read.error().message, of.text());
    all.push_back({one.at, std::move(event)});
  }
  return all;
}

tl::unexpected<error> not_recordable(const std::string& saga, const std::string& why) {
  return failure(error_kind::invalid, "saga_not_recordable", "saga \"" + saga + "\" can't be recorded: " + why);
}

class reader {
 public:
  reader(event_source& from, const std::string& saga) : from_(from) { out_.saga = saga; }

  result<story> read() {
    BV_ASSIGN(auto asked, read_saga(out_.saga));
    if (asked.events.empty()) return unknown_saga();
    BV_ASSIGN(out_.order, order_of(asked));
    BV_ASSIGN(out_.order_events, history<order::contract>("order", out_.order));
    BV_ASSIGN(out_.payment_events, history<payment::contract>("payment", out_.order));
    for (const auto& one : out_.order_events) fold(out_.order_end, one.what);
    for (const auto& one : out_.payment_events) fold(out_.payment_end, one.what);
    BV_TRY(read_sagas());
    BV_TRY(read_basket());
    out_.begin = out_.basket.front().at;
    out_.end = last_moment();
    BV_TRY(read_shelves());
    return std::move(out_);
  }

 private:
  result<entity_key> key_of(std::string_view type, std::string_view id) const {
    return entity_key::make(entity_key::default_tenant, type, id);
  }

  template <class Contract>
  result<tale<typename Contract::event_type>> history(std::string_view type, std::string_view id) {
    BV_ASSIGN(const auto who, key_of(type, id));
    BV_ASSIGN(const auto events, from_.history(who, 0));
    return decode_tale<Contract>(who, events);
  }

  result<saga_story> read_saga(const std::string& id) {
    saga_story found{id, {}, {}};
    BV_ASSIGN(found.events, history<run::contract>("saga", id));
    for (const auto& one : found.events) static_cast<void>(fold(found.end, one.what));
    return found;
  }

  tl::unexpected<error> unknown_saga() {
    auto words = "there is no saga \"" + out_.saga + "\"";
    // Its order's name alone is what people have at hand.
    if (const auto checkout = read_saga("checkout-" + out_.saga); checkout && !checkout->events.empty())
      words += "; did you mean \"" + checkout->id + "\"?";
    else if (const auto like = from_.sagas_like(out_.saga)) {
      const auto near = schema::nearest_name(out_.saga, std::vector<std::string_view>(like->begin(), like->end()));
      if (!near.empty()) words += "; did you mean \"" + std::string(near) + "\"?";
    }
    return failure(error_kind::not_found, "saga_unknown", std::move(words));
  }

  result<std::string> order_of(const saga_story& saga) {
    commerce_sagas::purchase bought;
    commerce_sagas::reversal reversed;
    commerce_sagas::payout paid;
    const auto& definition = saga.end.definition;
    if (definition == "checkout" && decode(saga.end.input, bought)) return bought.order_id;
    const bool takes_back = definition == "cancel-order" || definition == "refund-order";
    if (takes_back && decode(saga.end.input, reversed)) return reversed.order_id;
    if (definition == "pay-out" && decode(saga.end.input, paid)) return paid.payment_id;  // which has the order's id
    return not_recordable(saga.id, "its definition is \"" + definition +
                                       "\"; those of the shop are checkout, cancel-order, refund-order and pay-out");
  }

  result<void> read_sagas() {
    std::vector<std::string> ids{"checkout-" + out_.order};
    for (const auto& one : out_.order_events) {
      if (const auto* wish = std::get_if<order::cancellation_requested>(&one.what))
        ids.push_back("cancel-order-" + out_.order + "~" + std::to_string(wish->at.ns));
      if (const auto* wish = std::get_if<order::refund_requested>(&one.what))
        ids.push_back("refund-order-" + out_.order + "~" + std::to_string(wish->at.ns));
    }
    for (const auto& one : out_.payment_events)
      if (const auto* made = std::get_if<payment::refund_made>(&one.what);
          made && !is_sagas_refund(made->refund_id))  // a person's has a pay-out of its own
        ids.push_back("pay-out-" + to_hex(hash128(out_.order + "/" + made->refund_id)));
    for (const auto& id : ids) {
      BV_ASSIGN(auto one, read_saga(id));
      if (!one.events.empty()) out_.sagas.push_back(std::move(one));
    }
    if (out_.sagas.empty() || out_.checkout().id != ids.front())
      return not_recordable(out_.saga, "order " + out_.order + " was made without a checkout");
    return {};
  }

  /// What was done to the cart since it was last empty, without other checkouts of it that came to nothing.
  result<void> read_basket() {
    commerce_sagas::purchase bought;
    BV_TRY(decode(out_.checkout().end.input, bought));
    out_.customer = bought.customer;
    BV_ASSIGN(auto all, history<cart::contract>("cart", bought.customer));
    for (auto& one : all) {
      const auto* started = std::get_if<cart::checkout_started>(&one.what);
      const bool ours = started && started->order_id == out_.order;
      const bool emptied = std::holds_alternative<cart::cleared>(one.what) || std::holds_alternative<cart::expired>(one.what) ||
                           std::holds_alternative<cart::checkout_completed>(one.what);
      if (emptied) out_.basket.clear();
      const bool other = started || std::holds_alternative<cart::checkout_reopened>(one.what);
      if (!emptied && (ours || !other)) out_.basket.push_back(std::move(one));
      if (ours) return {};
    }
    return not_recordable(out_.saga, "cart " + bought.customer + " knows nothing of order " + out_.order);
  }

  [[nodiscard]] timestamp last_moment() const {
    auto last = out_.basket.back().at;
    const auto see = [&](const auto& events) {
      if (!events.empty()) last = std::max(last, events.back().at);
    };
    see(out_.order_events);
    see(out_.payment_events);
    for (const auto& one : out_.sagas) see(one.events);
    return last;
  }

  result<void> read_shelves() {
    std::set<std::string> skus;
    for (const auto& one : out_.basket) {
      const auto add = [&](const auto& fact) { skus.insert(fact.line.sku); };
      std::visit(cases{[&](const cart::item_added& fact) { add(fact); }, [&](const cart::quantity_set& fact) { add(fact); },
                       [](const auto&) {}},
                 one.what);
    }
    const auto& ordered = std::get<cart::checkout_started>(out_.basket.back().what).lines;
    for (const auto& line : ordered) skus.insert(line.sku);
    for (const auto& sku : skus) {
      BV_ASSIGN(auto shelf, read_shelf(sku));
      shelf.price_minor = price_of(sku);
      out_.shelves.push_back(std::move(shelf));
    }
    return {};
  }

  /// What it cost at the checkout, or when it was last in the cart.
  [[nodiscard]] std::int64_t price_of(const std::string& sku) const {
    std::int64_t price = 0;
    const auto see = [&](const commerce::line& line) {
      if (line.sku == sku) price = line.unit_price.minor;
    };
    for (const auto& one : out_.basket)
      std::visit(cases{[&](const cart::item_added& fact) { see(fact.line); },
                       [&](const cart::quantity_set& fact) { see(fact.line); },
                       [&](const cart::checkout_started& fact) {
                         for (const auto& line : fact.lines) see(line);
                       },
                       [](const auto&) {}},
                 one.what);
    return price;
  }

  /// A shelf's history may be long and only its end is wanted. What was available in between follows from a state that is
  /// known, and from what came and went since: so it is read backwards until the story's begin is reached.
  result<shelf_story> read_shelf(const std::string& sku) {
    BV_ASSIGN(const auto who, key_of("inventory", sku));
    BV_ASSIGN(const auto known, from_.known_state(who));
    inventory::state base;
    if (known) BV_TRY(inventory::contract::decode(known->state, base));
    const auto base_version = known ? known->version : 0;
    for (auto back = shelf_events_at_first;; back *= 4) {
      const auto after = base_version > back ? base_version - back : 0;
      BV_ASSIGN(const auto read, from_.history(who, after));
      const bool reaches_back = after == 0 || (!read.empty() && read.front().at < out_.begin);
      if (!reaches_back) continue;
      BV_ASSIGN(auto events, decode_tale<inventory::contract>(who, read));
      auto available = after == 0 ? 0 : base.available;
      for (std::size_t i = 0; after > 0 && after + i < base_version && i < events.size(); ++i)
        available -= change_of(events[i].what);
      shelf_story found{sku, available, 0, {}};
      for (auto& one : events) {
        if (one.at < out_.begin) found.available += change_of(one.what);
        else if (one.at <= out_.end || is_about(one.what, out_.order)) found.events.push_back(std::move(one));
      }
      // What became of goods that nobody wanted any more may come last of all.
      for (const auto& one : found.events)
        if (is_about(one.what, out_.order)) out_.end = std::max(out_.end, one.at);
      return found;
    }
  }

  event_source& from_;
  story out_;
};

}  // namespace

bool story::unfinished() const {
  return std::ranges::any_of(sagas, [](const saga_story& one) {
    return !one.end.over() && one.end.status != sagas::run::status::parked;
  });
}

result<story> read_story(event_source& from, const std::string& saga_id) { return reader(from, saga_id).read(); }

}  // namespace bv::sim
