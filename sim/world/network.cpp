#include "sim/world/network.hpp"

#include <algorithm>

namespace bv::sim {
namespace {

/// As TCP: the first time, and doubling.
constexpr duration resend_after = std::chrono::milliseconds{200};
constexpr duration resend_after_max = std::chrono::seconds{4};

}  // namespace

duration draw(const span& from, runtime::random_source& lots) {
  if (from.max <= from.min) return from.min;
  return from.min + duration{static_cast<std::int64_t>(lots.below(static_cast<std::uint64_t>((from.max - from.min).count()) + 1))};
}

network::network(event_heap& time, trace& log, std::uint64_t seed, link_conditions usual)
    : time_(time), log_(log), lots_(seed), usual_(usual) {}

void network::send(const std::string& from, const std::string& to, const std::string& what, std::function<void()> arrive) {
  const auto& link = between(from, to);
  if (link.cut || happens(link.loss_percent)) {
    log_.add(time_.now(), trace_kind::network, from + " → " + to, (link.cut ? "cut off: " : "lost: ") + what);
    return;
  }
  if (happens(link.duplicate_percent)) {
    log_.add(time_.now(), trace_kind::network, from + " → " + to, "comes twice: " + what);
    time_.after(draw(link.delay, lots_), arrive);
  }
  time_.after(draw(link.delay, lots_), std::move(arrive));
}

void network::stream(const std::string& from, const std::string& to, timestamp& last_arrives, std::function<void()> arrive) {
  const auto& link = between(from, to);
  if (link.cut) return;
  auto takes = draw(link.delay, lots_);
  for (auto again = resend_after; happens(link.loss_percent) && again < resend_after_max; again *= 2) takes += again;
  last_arrives = std::max(last_arrives, time_.now() + takes);
  time_.after(last_arrives - time_.now(), std::move(arrive));
}

void network::set(const std::string& from, const std::string& to, const link_conditions& now) { links_[{from, to}] = now; }

void network::heal() { links_.clear(); }

const link_conditions& network::between(const std::string& from, const std::string& to) const {
  const auto found = links_.find({from, to});
  return found == links_.end() ? usual_ : found->second;
}

}  // namespace bv::sim
