// A saga's events tell of each call of the processor when it began and what came of it:
//
//   saga                            the call begins                    it ends
//   checkout, authorize payment     when all is reserved               payment authorized; attempt failed; compensation began
//   checkout, capture payment       when the steps before are kept     payment captured; attempt failed; parked
//   checkout, undoing               when compensation began            attempt failed; step undone
//   cancel, refund, pay-out         when the step before is done       step done; attempt failed; parked
//
// and after a failed attempt the next one begins at the time that the event names. The processor's temper is set before a
// call by the event after which it follows.
#include "sim/record/processor.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "protocols/schema/sagas/checkout.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/record/story.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;
using commerce::processor_behaviour;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace payment = commerce::payment;
namespace run = sagas::run;

/// Sooner is at once: a replay's network and disk take as long.
constexpr duration prompt = 20ms;
/// Of what is seen of a call, what the way there and back and the journal take in a replay, too.
constexpr duration on_the_way = 4ms;
/// A checkout waits this long for an answer, less what a clock may show too little.
constexpr duration no_answer = 4900ms;
constexpr std::uint16_t authorize_step = 1, capture_step = 3;
/// Who looks for an order that is not there yet looks again within this time: an answer that is to come after what they then
/// do is held back as long.
constexpr duration another_look = 600ms;

struct temper {
  processor_behaviour behaviour = processor_behaviour::approve;
  duration after{};
  [[nodiscard]] bool like(const temper& other) const {
    const auto apart = after > other.after ? after - other.after : other.after - after;
    return behaviour == other.behaviour && apart < prompt;
  }
};

/// A call that has begun, or is about to.
struct processor_call {
  trigger::event_match follows;
  timestamp began;
};

bool is_silence(const run::fault& why) { return why.kind == "timeout"; }

class processor_listener {
 public:
  explicit processor_listener(const story& of) : story_(of) {}

  processor_story listen() && {
    for (const auto& one : story_.sagas) {
      saga_ = &one;
      call_.reset();
      one.end.definition == "checkout" ? hear_checkout() : hear_other();
      if (call_) set(call_->follows, {});
      call_.reset();
    }
    return std::move(out_);
  }

 private:
  // --- A checkout ----------------------------------------------------------------------------------------------------

  void hear_checkout() {
    call_ = first_call();
    authorized_at_ = find_payment<payment::authorized>();
    captured_at_ = find_payment<payment::captured>();
    for (const auto& one : saga_->events)
      std::visit(cases{[&](const run::step_done& fact) { done(fact, one.at); },
                       [&](const run::attempt_failed& fact) {
                         const auto after = follow_failure(fact);
                         const bool asked = fact.step == authorize_step || fact.step == capture_step;
                         if (asked) attempt(fact, after, one.at);
                       },
                       [&](const run::compensation_began& fact) { compensate(fact, one.at); },
                       [&](const run::step_undone& fact) { undone(fact, one.at); },
                       [&](const run::parked& fact) { parked(fact.fault, one.at); },
                       [&](const run::redriven&) { call_ = processor_call{follow("saga.redriven"), one.at}; },
                       [](const auto&) {}},
                 one.what);
  }

  /// Begins when all that is to be had is had; nothing if that never came to be.
  [[nodiscard]] std::optional<processor_call> first_call() const {
    timestamp last;
    std::size_t reserved = 0;
    for (const auto& shelf : story_.shelves)
      for (const auto& one : shelf.events)
        if (std::holds_alternative<inventory::reserved>(one.what) && is_about_order(one.what)) {
          last = std::max(last, one.at);
          ++reserved;
        }
    if (story_.order_events.empty() || story_.payment_events.empty() || reserved == 0) return std::nullopt;
    last = std::max({last, story_.order_events.front().at, story_.payment_events.front().at});
    return processor_call{{.type = "cart.checkoutStarted", .field = "orderId", .value = story_.order}, last};
  }
  [[nodiscard]] bool is_about_order(const inventory::event& what) const {
    return std::get<inventory::reserved>(what).reservation_id == story_.order;
  }

  void done(const run::step_done& fact, timestamp at) {
    if (fact.step == authorize_step) {
      authorized(authorized_at_.value_or(at));
      call_ = processor_call{{.type = "payment.authorized", .id_prefix = story_.order}, at};
    }
    if (fact.step + 1u == capture_step && call_) call_->began = at;
    if (fact.step == capture_step) settle(processor_behaviour::approve, captured_at_.value_or(at));
  }

  void attempt(const run::attempt_failed& fact, trigger::event_match next, timestamp at) {
    settle(is_silence(fact.fault) ? processor_behaviour::hang : processor_behaviour::fail, at);
    call_ = processor_call{std::move(next), fact.retry_at};
  }

  /// A call that is under way when a saga is undone for another reason is waited for: its end shows only in when the undoing
  /// goes on.
  void compensate(const run::compensation_began& fact, timestamp at) {
    const auto after = follow("saga.compensationBegan");
    const bool paying = fact.cause == run::cause::failure && fact.from == authorize_step;
    if (paying)
      settle(fact.fault.code == "payment_declined" ? processor_behaviour::decline
             : is_silence(fact.fault)              ? processor_behaviour::hang
                                                   : processor_behaviour::fail,
             at);
    else if (call_ && authorized_at_ && *authorized_at_ <= at)
      authorized(*authorized_at_);
    else if (call_ && fact.cause != run::cause::failure && call_->began <= at)
      settle_outstanding(at);
    call_.reset();
    if (fact.from >= authorize_step) call_ = processor_call{after, {}};
  }

  void authorized(timestamp at) {
    if (call_) settle(processor_behaviour::approve, call_->began + held_back(at - call_->began));
  }

  /// A customer who cancelled before a quick answer came must be as quick again, or the answer slower.
  [[nodiscard]] duration held_back(duration took) {
    const auto wish = std::ranges::find_if(story_.order_events, [](const auto& one) {
      return std::holds_alternative<order::cancellation_requested>(one.what);
    });
    if (!given_up_for_customer() || wish == story_.order_events.end()) return took;
    const auto needed = std::max(wish->at - call_->began, duration{}) + another_look;
    if (took >= needed) return took;
    note("the processor's answer is held back for " + std::to_string(rounded(needed - took).count() / 1'000'000) +
         " ms: the order was cancelled just before or after it, and a replay is not so exact");
    return needed;
  }

  /// The checkout came to nothing because its order was to be cancelled.
  [[nodiscard]] bool given_up_for_customer() const {
    return std::ranges::any_of(saga_->events, [](const auto& one) {
      const auto* began = std::get_if<run::compensation_began>(&one.what);
      return began && (began->cause == run::cause::cancel || began->fault.code == "order_request_pending");
    });
  }

  void settle_outstanding(timestamp undone_from) {
    const auto undone = std::ranges::find_if(saga_->events, [](const auto& one) {
      return std::holds_alternative<run::step_undone>(one.what);
    });
    if (undone == saga_->events.end())
      return note("whether the processor ever answered is not known; it is taken to be silent"), settle(processor_behaviour::hang, undone_from);
    const bool silent = undone->at - call_->began >= no_answer;
    settle(silent ? processor_behaviour::hang : processor_behaviour::approve,
           silent ? undone->at : call_->began + held_back(undone->at - call_->began));
  }

  void undone(const run::step_undone& fact, timestamp at) {
    if (fact.step == authorize_step) settle(processor_behaviour::approve, at);
  }

  void parked(const run::fault& why, timestamp at) {
    if (!call_) return;
    if (why.kind == "conflict") {
      if (why.step.find("payment") != std::string::npos || why.step.find("money") != std::string::npos)
        note("the processor refused \"" + why.step + "\" (" + why.code + "), which only a payment can be");
      return;
    }
    settle(is_silence(why) ? processor_behaviour::hang : processor_behaviour::fail, at);
  }

  // --- What gives the money back --------------------------------------------------------------------------------------

  void hear_other() {
    const bool pays_out = saga_->end.definition == "pay-out";
    const std::uint16_t asking = pays_out ? 0 : 1;
    for (const auto& one : saga_->events)
      std::visit(cases{[&](const run::started&) {
                         commerce_sagas::payout asked;
                         if (pays_out && decode(saga_->end.input, asked))
                           call_ = processor_call{{.type = "payment.refundMade", .field = "refundId", .value = asked.refund_id}, one.at};
                       },
                       [&](const run::step_done& fact) {
                         const auto after = follow("saga.stepDone");
                         if (fact.step == asking) settle(processor_behaviour::approve, one.at);
                         if (fact.step + 1 == asking) call_ = processor_call{after, one.at};
                       },
                       [&](const run::attempt_failed& fact) {
                         const auto after = follow_failure(fact);
                         if (fact.step == asking) attempt(fact, after, one.at);
                       },
                       [&](const run::parked& fact) { parked(fact.fault, one.at); },
                       [&](const run::redriven&) { call_ = processor_call{follow("saga.redriven"), one.at}; },
                       [](const auto&) {}},
                 one.what);
  }

  // --- Both ------------------------------------------------------------------------------------------------------------

  /// The next event of its kind of this saga, or of those whose field has the value. A saga that takes an order back has the
  /// time in its id, which is another in a replay.
  trigger::event_match follow(const std::string& type, const std::string& field = {}, const std::string& value = {}) {
    const auto& definition = saga_->end.definition;
    const auto tilde = definition == "checkout" || definition == "pay-out" ? saga_->id.npos : saga_->id.rfind('~');
    auto prefix = tilde == saga_->id.npos ? saga_->id : saga_->id.substr(0, tilde + 1);
    const auto nth = ++counted_[type + " " + prefix + " " + value];
    return {.type = type, .id_prefix = std::move(prefix), .field = field, .value = value, .nth = nth};
  }
  /// A replay may fail once more or less often before the deadline; its undoing counts from one again.
  trigger::event_match follow_failure(const run::attempt_failed& fact) {
    return follow("saga.attemptFailed", "failedAttempts", std::to_string(fact.failed_attempts));
  }

  template <class Event>
  [[nodiscard]] std::optional<timestamp> find_payment() const {
    for (const auto& one : story_.payment_events)
      if (std::holds_alternative<Event>(one.what)) return one.at;
    return std::nullopt;
  }

  /// How the processor dealt with the call at hand, which is over then.
  void settle(processor_behaviour how, timestamp ended) {
    if (!call_) return;
    const auto took = call_->began == timestamp{} ? duration{} : ended - call_->began;
    const bool waits = how != processor_behaviour::hang && took >= prompt;
    set(call_->follows, {how, waits ? rounded(took - on_the_way) : duration{}});
    call_.reset();
  }

  void set(const trigger::event_match& when, temper to) {
    if (to.like(current_)) return;
    current_ = to;
    // As usual again: what lasts no time ends what lasted before.
    const bool usual = to.like({});
    processor_fault fault{to.behaviour, {to.after, to.after}, usual ? duration{} : std::chrono::ceil<std::chrono::seconds>(story_.length()) + 1min};
    trigger at;
    at.on_event = when;
    out_.faults.push_back({std::move(at), 0, fault});
  }

  void note(std::string what) { out_.notes.push_back(std::move(what)); }

  const story& story_;
  const saga_story* saga_ = nullptr;
  std::optional<processor_call> call_;
  std::optional<timestamp> authorized_at_, captured_at_;
  std::map<std::string, std::uint32_t> counted_;
  temper current_;
  processor_story out_;
};

}  // namespace

processor_story record_processor(const story& of) { return processor_listener(of).listen(); }

}  // namespace bv::sim
