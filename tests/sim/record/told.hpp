#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/contract.hpp"
#include "protocols/schema/sagas/checkout.hpp"
#include "sim/record/source.hpp"
#include "sim/record/story.hpp"

/// Stories by hand: events as a node would have kept them, and the story that is read of them.
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

inline constexpr timestamp morning{1'900'000'000'000'000'000};
inline const common::money price{1250, "USD"};

class told_source : public event_source {
 public:
  std::map<std::string, std::vector<recorded_event>> events;
  std::map<std::string, recorded_state> states;
  std::vector<std::string> known_sagas;
  std::uint64_t read = 0;  ///< events that were asked for

  template <class Contract, class Event>
  void tell(const std::string& id, duration at, Event event) {
    auto& all = events[Contract::reflection().name() + "/" + id];
    all.push_back({all.size() + 1, morning + at, Contract::encode(typename Contract::event_type(std::move(event)))});
  }

  result<std::vector<recorded_event>> history(const entity_key& of, std::uint64_t after_version) override {
    auto found = events[std::string(of.type_and_id())];
    std::erase_if(found, [&](const auto& one) { return one.version <= after_version; });
    read += found.size();
    return found;
  }
  result<std::optional<recorded_state>> known_state(const entity_key& of) override {
    const auto found = states.find(std::string(of.type_and_id()));
    return found == states.end() ? std::nullopt : std::optional(found->second);
  }
  result<std::vector<std::string>> sagas_like(const std::string&) override { return known_sagas; }
};

/// Ada's checkout of order o-1, one MUG of five, up to where each test goes on. She puts it into her cart at 0 s and checks
/// out at 2 s.
class adas_order : public told_source {
 public:
  explicit adas_order(std::uint32_t stock = 5) {
    tell<inventory::contract>("MUG", -1h, inventory::initialised{"MUG", "p-1", stock, morning - 1h});
    in_cart(0s, cart::item_added{mug(), 1, morning});
    in_cart(2s, cart::checkout_started{"o-1", "ada", {mug()}, price, morning + 2s});
    saga(2s, run::started{.definition = "checkout", .version = 1, .input = encode(bought()),
                          .steps = {"reserve stock", "authorize payment", "confirm order", "capture payment", "fulfil"},
                          .deadline_at = morning + 32s, .at = morning + 2s});
  }

  static commerce::line mug() { return {"MUG", "A mug", 1, price}; }
  static commerce_sagas::purchase bought() { return {"o-1", "ada", {mug()}, price}; }

  template <class Event>
  void in_cart(duration at, Event event) {
    tell<cart::contract>("ada", at, std::move(event));
  }
  template <class Event>
  void saga(duration at, Event event) {
    tell<run::contract>("checkout-o-1", at, std::move(event));
  }
  template <class Event>
  void placed(duration at, Event event) {
    tell<order::contract>("o-1", at, std::move(event));
  }
  template <class Event>
  void paid(duration at, Event event) {
    tell<payment::contract>("o-1", at, std::move(event));
  }
  template <class Event>
  void stock(duration at, Event event) {
    tell<inventory::contract>("MUG", at, std::move(event));
  }

  /// The order is placed, the payment requested, the mug reserved.
  void reserve(duration at) {
    placed(at, order::placed{"o-1", "ada", {mug()}, price, "o-1", morning + at});
    paid(at, payment::requested{"o-1", "o-1", "ada", price, morning + at});
    stock(at, inventory::reserved{"o-1", 1, morning + at + 5min});
  }
  void step_done(duration at, std::uint16_t step) { saga(at, run::step_done{.step = step, .at = morning + at}); }
  void attempt_failed(duration at, std::uint16_t step, const std::string& kind, duration pause) {
    saga(at, run::attempt_failed{.step = step, .failed_attempts = ++failed_, .fault = {kind, "service", "", ""},
                                 .retry_at = morning + at + pause, .at = morning + at});
  }
  /// The money is there and everything else follows.
  void complete(duration authorized, duration captured) {
    paid(authorized, payment::authorized{"A-1", morning + authorized});
    placed(authorized, order::confirmed{morning + authorized});
    for (std::uint16_t step = 0; step < 3; ++step) step_done(authorized, step);
    step_done(captured, 3);
    paid(captured, payment::captured{price, morning + captured});
    placed(captured, order::paid{morning + captured});
    stock(captured, inventory::committed{"o-1", 1, morning + captured});
    step_done(captured, 4);
    saga(captured, run::completed{"checkout", morning + captured});
    in_cart(captured, cart::checkout_completed{"o-1", morning + captured});
  }
  void compensate(duration at, run::cause why, const std::string& code, std::uint16_t from, const std::string& kind = "conflict") {
    saga(at, run::compensation_began{why, {kind, code, code, "a step"}, from, {}, morning + at});
  }
  void compensated(duration at, std::uint16_t from) {
    for (int step = from; step >= 0; --step) saga(at, run::step_undone{static_cast<std::uint16_t>(step), morning + at});
    saga(at, run::compensated{run::cause::failure, morning + at});
  }

  story read_saga(const std::string& saga = "checkout-o-1") {
    auto found = read_story(*this, saga);
    const auto problem = found ? std::string() : describe(found.error());
    REQUIRE_MESSAGE(found.has_value(), problem);
    return *std::move(found);
  }

 private:
  std::uint32_t failed_ = 0;
};

}  // namespace bv::sim::testing
