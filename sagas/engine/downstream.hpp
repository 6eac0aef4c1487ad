#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/runtime/clock.hpp"
#include "actors/runtime/metrics.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "sagas/engine/bulkhead.hpp"
#include "sagas/engine/circuit_breaker.hpp"
#include "sagas/engine/timer.hpp"

namespace bv::sagas {

struct service_request {
  bytes body;
  /// The same for every repetition of a call: the service must act on it once and answer the same each time.
  std::string idempotency_key;
  std::string trace;   ///< W3C traceparent or empty
  timestamp deadline;  ///< after it nobody listens
};

using service_handler = std::function<void(result<bytes>)>;

/// Something outside that sagas call: a payment processor, a mail sender.
class external_service {
 public:
  virtual ~external_service() = default;
  /// Answers at most once, from any thread, or never. Must not block. A refusal that will stand is an error
  /// of kind conflict; what may go better the next time is unavailable.
  virtual void call(const service_request& request, service_handler answer) = 0;
};

struct downstream_policy {
  breaker_policy breaker;
  bulkhead_policy bulkhead;
};

/// Answers in the place of a service that can't; sees why. An error again is what the caller then gets.
using service_fallback = std::function<result<bytes>(const service_request&, const error& why)>;

/// An external service behind its circuit breaker and bulkhead. Always answers, once: at the deadline with
/// `timeout` if the service has not (it may have acted all the same). Threads: any.
class downstream : public std::enable_shared_from_this<downstream> {
 public:
  struct metrics {
    runtime::counter calls, failures, timeouts, refused_by_breaker, refused_by_bulkhead, fallbacks;
    runtime::histogram answer_us;
  };

  /// `time` and `later` must outlive it.
  downstream(std::string name, std::unique_ptr<external_service> service, downstream_policy policy,
             const runtime::clock& time, timer& later, service_fallback fallback = {});

  [[nodiscard]] const std::string& name() const { return name_; }
  void call(service_request request, service_handler answer);

  [[nodiscard]] const metrics& measured() const { return measured_; }
  [[nodiscard]] const circuit_breaker& breaker() const { return breaker_; }
  [[nodiscard]] const class bulkhead& bulkhead() const { return bulkhead_; }

 private:
  struct conversation;
  void begin(const std::shared_ptr<conversation>& with);
  void end(const std::shared_ptr<conversation>& with, result<bytes> answer, bool asked);

  const std::string name_;
  const std::unique_ptr<external_service> service_;
  const runtime::clock& time_;
  timer& later_;
  const service_fallback fallback_;
  circuit_breaker breaker_;
  class bulkhead bulkhead_;
  metrics measured_;
};

}  // namespace bv::sagas
