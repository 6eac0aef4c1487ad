#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "actors/runtime/note.hpp"
#include "protocols/cluster/options.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

/// Says the same of the same peer only once in a while: what happens at every attempt, or as often as a stranger likes, must not
/// fill a disk. Not thread-safe.
class quiet_log {
 public:
  using instant = std::chrono::steady_clock::time_point;
  static constexpr std::size_t remembered_max = 1024;  ///< beyond it the oldest is forgotten

  quiet_log(runtime::note_handler to, milliseconds again_after) : to_(std::move(to)), again_after_(again_after) {}

  /// Always.
  void say(runtime::note_level level, const std::string& message) const;
  /// `peer: code: message`, unless the same peer and code were said just now. The next one that is said tells how many were not.
  void say(runtime::note_level level, const std::string& peer, const error& what, instant now);

 private:
  struct memory {
    instant said;
    std::size_t kept_quiet = 0;
  };
  void make_room();

  runtime::note_handler to_;
  milliseconds again_after_;
  std::map<std::pair<std::string, std::string>, memory> said_;
};

}  // namespace bv::cluster
