#include "protocols/cluster/certificate_watch.hpp"

namespace bv::cluster {

void certificate_watch::look(instant now, milliseconds at_least) {
  if (!world_.proofs) return;
  const auto refreshed = world_.proofs->refresh(now, at_least);
  if (!refreshed) {
    world_.log.say(runtime::note_level::error, "new certificates are not taken up: " + describe(refreshed.error()));
  } else if (*refreshed) {
    world_.log.say(runtime::note_level::info,
                   "a new certificate was taken up; it ends at " + to_rfc3339(world_.proofs->own().not_after));
    renewed_ = true;
    warned_ = {};
  }
}

void certificate_watch::warn(instant now) {
  if (!world_.proofs || (warned_ != instant{} && now - warned_ < warned_every)) return;
  const timestamp today{std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
  const auto ends = world_.proofs->own().not_after;
  if (ends - today > warned_before) return;
  warned_ = now;
  world_.log.say(runtime::note_level::warning, "certificate_expires_soon: this node's certificate ends at " + to_rfc3339(ends));
}

void certificate_watch::tick(instant now, const std::vector<std::shared_ptr<dialed_link>>& dialed) {
  look(now, world_.options().certificates_checked_every);
  warn(now);
  if (std::exchange(renewed_, false)) to_remake_.assign(dialed.begin(), dialed.end());
  if (to_remake_.empty() || now - remade_ < world_.options().linger_timeout) return;
  remade_ = now;
  // The next one only when this one has had its time: never without several links at once.
  if (const auto next = to_remake_.back().lock()) next->remake();
  to_remake_.pop_back();
}

}  // namespace bv::cluster
