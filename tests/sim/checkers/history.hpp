#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/contract.hpp"
#include "protocols/schema/sagas/checkout.hpp"
#include "protocols/schema/sagas/saga.hpp"
#include "sim/checkers/checker.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim::testing {

namespace cart = commerce::cart;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace payment = commerce::payment;
namespace run = sagas::run;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

/// A run that never was: records and operations by hand, judged by one invariant. Offsets, versions and batches follow
/// one another as they should; whoever wants them otherwise changes the record.
class history {
 public:
  plan of;
  observations seen;

  [[nodiscard]] timestamp now() const { return seen.now; }
  void pass(duration time) { seen.now = seen.now + time; }

  /// One record in a batch of its own, a millisecond after the last.
  template <class Contract>
  observed_record& log(const std::string& id, std::vector<typename Contract::event_type> events,
                       const std::string& command_id = {}) {
    pass(1ms);
    const auto& contract = Contract::reflection();
    observed_record record;
    record.entity = entity_key::trusted("default", contract.name(), id);
    record.index = storage::log_index{++batches_};
    record.first_offset = storage::event_offset{next_offset_};
    record.version = versions_[record.entity.text()] += events.size();
    record.decided_at = now();
    record.committed_at = now();
    record.wake_after = timestamp{1};  // at once: early enough for anybody
    record.command_id = command_id.empty() ? hash128_value{} : hash128(command_id);
    for (const auto& event : events) {
      const auto ordinal = static_cast<std::uint16_t>(event.index());
      record.events.push_back({ordinal, contract.find_event(ordinal)->name, Contract::encode(event)});
    }
    next_offset_ += events.size();
    seen.records.push_back(std::move(record));
    return seen.records.back();
  }

  /// What somebody asked and heard, between two moments.
  operation& ask(const std::string& entity, const std::string& command, const std::string& command_id, timestamp invoked,
                 timestamp returned) {
    operation asked;
    asked.client = "ada";
    asked.entity = entity_key::trusted("default", entity.substr(0, entity.find('/')), entity.substr(entity.find('/') + 1));
    asked.command = command;
    asked.command_id = command_id;
    asked.invoked = invoked;
    asked.returned = returned;
    seen.history.push_back(std::move(asked));
    return seen.history.back();
  }
  operation& look(const std::string& entity, timestamp invoked, timestamp returned, std::uint64_t version, bytes state = {}) {
    auto& view = ask(entity, {}, {}, invoked, returned);
    view.outcome = operation::seen{version, std::move(state)};
    return view;
  }

  /// What the invariant says when it was told every record, and then all there is.
  [[nodiscard]] std::vector<violation> judge_by(const std::string& invariant) const { return judge_by(invariant, seen.records); }
  [[nodiscard]] std::vector<violation> judge_by(const std::string& invariant, const std::vector<observed_record>& told) const {
    auto chosen = of;
    chosen.invariants = {invariant};
    auto checkers = make_checkers(chosen).value();
    std::vector<violation> found;
    for (const auto& one : checkers) {
      for (const auto& record : told) one->on_record(record, found);
      one->at_end(seen, found);
    }
    return found;
  }

 private:
  std::uint64_t batches_ = 0, next_offset_ = 1;
  std::map<std::string, std::uint64_t> versions_;
};

/// The sentences, one a line: for CHECK messages and for finding a word in them.
inline std::string text_of(const std::vector<violation>& all) {
  std::string text;
  for (const auto& one : all) text += one.what + "\n";
  return text;
}
inline bool says(const std::vector<violation>& all, const std::string& word) {
  return text_of(all).find(word) != std::string::npos;
}

// --- A shop in which ada buys two mugs ---------------------------------------------------------------------------------

/// Milliseconds after a history's beginning.
inline timestamp ms(std::int64_t at) { return {at * 1'000'000}; }
inline common::money usd(std::int64_t minor) { return {minor, "USD"}; }
inline commerce::line mugs(std::uint32_t quantity = 2) { return {"MUG", "Mug", quantity, usd(1250)}; }

inline void stock(history& h, std::uint32_t units = 10) {
  h.log<commerce::product::contract>("P1", {commerce::product::created{"P1", "MUG", "Mug", "", "", usd(1250), units, h.now()}});
  h.log<inventory::contract>("MUG", {inventory::initialised{"MUG", "P1", units, h.now()}});
}

inline void start_checkout(history& h, const std::string& id) {
  const auto total = usd(2500);
  h.log<cart::contract>("ada", {cart::item_added{mugs(), 2, h.now()}});
  h.log<cart::contract>("ada", {cart::checkout_started{id, "ada", {mugs()}, total, h.now()}});
  const auto input = encode(commerce_sagas::purchase{id, "ada", {mugs()}, total});
  h.log<run::contract>("checkout-" + id,
                       {run::started{.definition = "checkout", .version = 1, .input = input,
                                     .steps = {"reserve stock", "authorize payment", "confirm order", "capture payment", "fulfil"},
                                     .deadline_at = h.now() + 30s, .at = h.now()}});
  h.log<order::contract>(id, {order::placed{id, "ada", {mugs()}, total, id, h.now()}});
  h.log<payment::contract>(id, {payment::requested{id, id, "ada", total, h.now()}});
  h.log<inventory::contract>("MUG", {inventory::reserved{id, 2, h.now() + 5min}});
}

/// Up to the point of no return.
inline void confirm(history& h, const std::string& id) {
  h.log<payment::contract>(id, {payment::authorized{"A1", h.now()}});
  h.log<order::contract>(id, {order::confirmed{h.now()}});
  h.log<run::contract>("checkout-" + id, {run::step_done{0, {}, {}, h.now()}, run::step_done{1, {}, {}, h.now()},
                                          run::step_done{2, {}, {.point_of_no_return = true}, h.now()}});
}

inline void settle(history& h, const std::string& id) {
  h.log<payment::contract>(id, {payment::captured{usd(2500), h.now()}});
  h.log<order::contract>(id, {order::paid{h.now()}});
  h.log<inventory::contract>("MUG", {inventory::committed{id, 2, h.now()}});
  h.log<cart::contract>("ada", {cart::checkout_completed{id, h.now()}});
  h.log<run::contract>("checkout-" + id, {run::step_done{3, {}, {}, h.now()}, run::step_done{4, {}, {}, h.now()},
                                          run::completed{"checkout", h.now()}});
  h.seen.processor.taken += 2500;
}

inline void sell(history& h, const std::string& id) {
  start_checkout(h, id);
  confirm(h, id);
  settle(h, id);
}

/// The processor declined: all is undone.
inline void undo(history& h, const std::string& id) {
  start_checkout(h, id);
  h.log<run::contract>("checkout-" + id,
                       {run::step_done{0, {}, {}, h.now()},
                        run::compensation_began{run::cause::failure, {"conflict", "payment_declined", "", ""}, 1, {0}, h.now()}});
  h.log<payment::contract>(id, {payment::declined{"payment_declined", h.now()}});
  h.log<order::contract>(id, {order::cancelled{"payment_declined", h.now()}});
  h.log<inventory::contract>("MUG", {inventory::released{id, 2, h.now()}});
  h.log<cart::contract>("ada", {cart::checkout_reopened{id, h.now()}});
  h.log<run::contract>("checkout-" + id, {run::step_undone{1, h.now()}, run::step_undone{0, h.now()},
                                          run::compensated{run::cause::failure, h.now()}});
}

}  // namespace bv::sim::testing
