#include "sagas/commerce/mock_processor.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"
#include "sagas/commerce/commerce_sagas.hpp"

namespace bv::commerce_sagas {
namespace {

/// Everything but authorizing succeeds, as often as it is asked and once in effect.
result<bytes> settle(processor_account& account, const processor::instruction& asked) {
  switch (asked.operation) {
    case processor::operation::authorize: break;
    case processor::operation::capture:
      if (account.taken == 0) account.taken = asked.amount.minor;
      account.held = 0;
      break;
    case processor::operation::reverse:
      account.closed = true;
      account.held = 0;
      account.given_back = account.taken;
      break;
    case processor::operation::refund:
      // A mock that was restarted knows the payment no more; it believes whoever asks.
      account.taken = std::max(account.taken, account.given_back + asked.amount.minor);
      if (account.refunds.emplace(asked.reference, asked.amount.minor).second)
        account.given_back += asked.amount.minor;
      break;
  }
  return encode(processor::acknowledgement{});
}

}  // namespace

mock_processor::mock_processor(commerce::processor_options temper, sagas::timer& later)
    : temper_(temper), later_(later) {}

processor_account& mock_processor::ledger::account_of(const std::string& payment_id) {
  const auto [found, is_new] = accounts.try_emplace(payment_id);
  if (is_new) by_age.push_back(payment_id);
  if (by_age.size() > payments_max) {
    accounts.erase(by_age.front());
    by_age.pop_front();
  }
  return found->second;
}

void mock_processor::call(const sagas::service_request& request, sagas::service_handler answer) {
  processor::instruction asked;
  if (auto read = decode(request.body, asked); !read) return answer(failure(std::move(read).error()));
  if (auto sound = validate(asked); !sound) return answer(failure(std::move(sound).error()));
  if (asked.operation == processor::operation::authorize) return authorize(asked, std::move(answer));
  answer(ledger_.with([&](ledger& all) { return settle(all.account_of(asked.payment_id), asked); }));
}

void mock_processor::authorize(const processor::instruction& asked, sagas::service_handler answer) {
  const auto decided = ledger_.with([&](ledger& all) {
    auto& account = all.account_of(asked.payment_id);
    // A request may come later than the one that takes it back: it must then hold no money.
    if (account.closed && !mutated(mutation::late_authorization_holds))
      return commerce::processor_answer{.behaviour = commerce::processor_behaviour::decline, .reason = "payment_reversed"};
    const auto made =
        commerce::decide_authorization(asked.order_id, asked.amount, ++account.attempts, temper_);
    // The same authorization again holds no more.
    if (made.behaviour == commerce::processor_behaviour::approve && account.taken == 0)
      account.held = asked.amount.minor;
    return made;
  });
  result<bytes> outcome;
  switch (decided.behaviour) {
    case commerce::processor_behaviour::hang: return;
    case commerce::processor_behaviour::approve:
      outcome = encode(processor::acknowledgement{decided.authorization_code});
      break;
    case commerce::processor_behaviour::decline:
      outcome =
          failure(error_kind::conflict, "payment_declined", "the processor declined: " + decided.reason);
      break;
    case commerce::processor_behaviour::fail:
      outcome =
          failure(error_kind::unavailable, "processor_unreachable", "the processor can't be reached now");
      break;
  }
  if (decided.after <= duration::zero()) return answer(std::move(outcome));
  later_.after(decided.after,
               [answer = std::move(answer), outcome = std::move(outcome)] { answer(outcome); });
}

mock_processor::books mock_processor::totals() const {
  return ledger_.with([](const ledger& all) {
    books sum;
    for (const auto& [_, account] : all.accounts) {
      sum.held += account.held;
      sum.taken += account.taken;
      sum.given_back += account.given_back;
    }
    return sum;
  });
}

sagas::downstream_policy processor_policy() {
  sagas::downstream_policy policy;
  policy.bulkhead = {.at_once_max = 256, .waiting_max = 4096};
  return policy;
}

std::shared_ptr<sagas::downstream> make_mock_processor(commerce::processor_options temper,
                                                       const runtime::clock& time, sagas::timer& later) {
  return std::make_shared<sagas::downstream>(std::string(payment_processor),
                                             std::make_unique<mock_processor>(temper, later),
                                             processor_policy(), time, later);
}

}  // namespace bv::commerce_sagas
