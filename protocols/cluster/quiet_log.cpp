#include "protocols/cluster/quiet_log.hpp"

#include <algorithm>

namespace bv::cluster {

void quiet_log::say(runtime::note_level level, const std::string& message) const {
  if (to_) to_({.level = level, .message = message});
}

void quiet_log::say(runtime::note_level level, const std::string& peer, const error& what, instant now) {
  std::string more;
  const auto key = std::pair(peer, what.code);
  if (const auto found = said_.find(key); found != said_.end()) {
    if (now - found->second.said < again_after_) {
      ++found->second.kept_quiet;
      return;
    }
    if (found->second.kept_quiet > 0) more = " (and " + std::to_string(found->second.kept_quiet) + " more times since it was last said)";
    found->second = {now};
  } else {
    make_room();
    said_.emplace(key, memory{now});
  }
  say(level, peer + ": " + what.code + ": " + what.message + more);
}

void quiet_log::make_room() {
  if (said_.size() < remembered_max) return;
  said_.erase(std::ranges::min_element(said_, {}, [](const auto& one) { return one.second.said; }));
}

}  // namespace bv::cluster
