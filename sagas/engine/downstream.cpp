#include "sagas/engine/downstream.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "protocols/schema/base/mutation.hpp"

namespace bv::sagas {
namespace {

int milliseconds_up(duration d) {
  return static_cast<int>((d.count() + 999'999) / 1'000'000);
}

/// The service is at fault, not the request.
bool is_failure(const result<bytes>& answer) {
  if (answer) return false;
  switch (answer.error().kind) {
    case error_kind::unavailable:
    case error_kind::overloaded:
    case error_kind::timeout:
    case error_kind::internal: return true;
    default: return false;
  }
}

}  // namespace

/// One call on its way; ended by whoever comes first, the service or the deadline.
struct downstream::conversation {
  service_request request;
  service_handler answer;
  circuit_breaker::ticket ticket;
  timestamp begun;
  std::atomic<bool> ended{false};
};

downstream::downstream(std::string name, std::unique_ptr<external_service> service, downstream_policy policy,
                       const runtime::clock& time, timer& later, service_fallback fallback)
    : name_(std::move(name)),
      service_(std::move(service)),
      time_(time),
      later_(later),
      fallback_(std::move(fallback)),
      breaker_(policy.breaker, time),
      bulkhead_(policy.bulkhead) {}

void downstream::call(service_request request, service_handler answer) {
  const auto with = std::make_shared<conversation>();
  with->request = std::move(request);
  with->answer = std::move(answer);
  if (bulkhead_.enter([self = shared_from_this(), with] { self->begin(with); })) return;
  measured_.refused_by_bulkhead.add();
  end(with,
      failure(error{error_kind::overloaded, "service_busy", "too many calls wait for '" + name_ + "'", name_,
                    500}),
      false);
}

void downstream::begin(const std::shared_ptr<conversation>& with) {
  const auto now = time_.now();
  with->begun = now;
  // It may have waited long for its turn.
  if (with->request.deadline <= now) {
    bulkhead_.leave();
    return end(with,
               failure(error_kind::overloaded, "service_busy", "'" + name_ + "' had no time for it", name_),
               false);
  }
  with->ticket = breaker_.try_acquire();
  if (!with->ticket.allowed) {
    measured_.refused_by_breaker.add();
    bulkhead_.leave();
    return end(with,
               failure(error{error_kind::unavailable, "circuit_open", "'" + name_ + "' is failing; not asked",
                             name_, std::max(1, milliseconds_up(breaker_.opens_in()))}),
               false);
  }
  measured_.calls.add();
  service_->call(with->request, [self = shared_from_this(), with](result<bytes> answer) {
    self->end(with, std::move(answer), true);
  });
  if (with->ended.load(std::memory_order_acquire) || mutated(mutation::service_without_deadline)) return;
  // Keeps the conversation: a service that hangs may have let go of its handler.
  later_.after(with->request.deadline - now, [weak = weak_from_this(), with] {
    const auto self = weak.lock();
    if (self && !with->ended.load(std::memory_order_acquire))
      self->end(with,
                failure(error_kind::timeout, "service_timeout", "'" + self->name_ + "' did not answer",
                        self->name_),
                true);
  });
}

void downstream::end(const std::shared_ptr<conversation>& with, result<bytes> answer, bool asked) {
  if (with->ended.exchange(true, std::memory_order_acq_rel)) return;
  const bool failed = is_failure(answer);
  if (asked) {
    const auto took = time_.now() - with->begun;
    measured_.answer_us.observe(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count() / 1000)));
    if (failed) measured_.failures.add();
    if (failed && answer.error().kind == error_kind::timeout) measured_.timeouts.add();
    breaker_.report(with->ticket, !failed, took);
    bulkhead_.leave();
  }
  if (failed && fallback_) {
    auto instead = fallback_(with->request, answer.error());
    if (instead) measured_.fallbacks.add();
    answer = std::move(instead);
  }
  std::exchange(with->answer, nullptr)(std::move(answer));
}

}  // namespace bv::sagas
