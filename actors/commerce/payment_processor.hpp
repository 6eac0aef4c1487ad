#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/commerce/money.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::commerce {

/// What a mock payment processor does with an authorization.
enum class processor_behaviour {
  approve,
  decline,
  fail,  ///< can't be reached now; a later attempt may succeed
  hang,  ///< never answers
};
std::string_view to_string(processor_behaviour behaviour);

/// The temper of the mock processor. Shares are percent of all orders; which orders they hit is fixed by the
/// order's id and the seed. Failing, hanging and slowness are chosen independently of approval.
struct processor_options {
  std::uint64_t seed = 0;
  std::uint32_t approve_percent = 90;
  std::uint32_t fail_percent = 0;
  std::uint32_t hang_percent = 0;
  std::uint32_t slow_percent = 0;
  duration answer_after = duration::zero();
  duration slow_answer_after = std::chrono::seconds{3};
  std::uint32_t failures_before_answer = 2;  ///< attempts that fail for an order that is chosen to fail
  /// Lets the cents of the amount decide, for demonstrations: 91 decline, 92 slow, 93 fail, 94 hang, 95
  /// approve.
  bool cents_decide = false;
};

struct processor_answer {
  processor_behaviour behaviour = processor_behaviour::approve;
  std::string authorization_code;  ///< of an approval: the same for every attempt of an order
  std::string reason;              ///< of a decline or failure
  duration after{};                ///< how long the processor takes; meaningless if it hangs
};

/// What the processor does with the `attempt`th (from 1) authorization of an order. A pure function. An order
/// id that contains `~approve`, `~decline`, `~fail`, `~hang` or `~slow` is dealt with so; `~slow` goes with
/// any other.
processor_answer decide_authorization(std::string_view order_id, const money& amount, std::uint32_t attempt,
                                      const processor_options& options);

}  // namespace bv::commerce
