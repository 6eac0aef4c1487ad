#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "actors/commerce/payment_processor.hpp"
#include "protocols/schema/sagas/payment_processor.hpp"
#include "sagas/engine/downstream.hpp"
#include "sagas/engine/guarded.hpp"

namespace bv::commerce_sagas {

/// What a payment processor remembers of a payment, in minor units of its currency.
struct processor_account {
  std::int64_t held = 0, taken = 0, given_back = 0;
  std::uint32_t attempts = 0;                     ///< of the authorization
  bool closed = false;                            ///< reversed: nothing of it is authorized any more
  std::map<std::string, std::int64_t> refunds{};  ///< by reference
};

/// A payment processor that exists only here. Whether it approves, declines, fails, hangs or dawdles is a
/// pure function of the order (commerce::decide_authorization). It keeps books, so that a test can see that
/// the money adds up; they are lost with the process. Threads: any.
class mock_processor final : public sagas::external_service {
 public:
  /// Sums over all payments, in minor units of whatever currency.
  struct books {
    std::int64_t held = 0, taken = 0, given_back = 0;
  };

  /// `later` must outlive it.
  mock_processor(commerce::processor_options temper, sagas::timer& later);

  void call(const sagas::service_request& request, sagas::service_handler answer) override;

  [[nodiscard]] books totals() const;

 private:
  /// Payments that it remembers; the oldest is forgotten first.
  static constexpr std::size_t payments_max = 200'000;

  struct ledger {
    std::map<std::string, processor_account> accounts;
    std::deque<std::string> by_age;
    processor_account& account_of(const std::string& payment_id);
  };
  void authorize(const processor::instruction& asked, sagas::service_handler answer);

  const commerce::processor_options temper_;
  sagas::timer& later_;
  sagas::guarded<ledger> ledger_;
};

/// Patience and limits towards a processor that is asked by many checkouts at once.
sagas::downstream_policy processor_policy();

/// The mock behind its breaker and bulkhead, under the name that the shop's sagas call. `time` and `later`
/// must outlive it.
std::shared_ptr<sagas::downstream> make_mock_processor(commerce::processor_options temper,
                                                       const runtime::clock& time, sagas::timer& later);

}  // namespace bv::commerce_sagas
