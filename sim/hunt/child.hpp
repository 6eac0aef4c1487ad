#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv::sim {

/// How a child process ended.
struct child_end {
  std::string said;         ///< all that it wrote
  std::string errors;       ///< the end of its standard error: an assertion's text
  int signal = 0;           ///< that killed it; 0: none
  bool out_of_time = false; ///< it used more CPU than it was given
  double cpu_seconds = 0;
  std::uint64_t memory_max_kb = 0;
};

/// Works in children of this process, several at a time: a run that aborts, or never ends, takes only itself along. The
/// caller must have one thread only.
class children {
 public:
  /// What a child does: `say` reaches the parent even if the child dies later.
  using work = std::function<void(const std::function<void(std::string_view)>& say)>;
  using end_handler = std::function<void(child_end)>;

  /// `at_once` children at most; each may use so much CPU.
  children(unsigned at_once, unsigned cpu_seconds_max) : at_once_(at_once), cpu_seconds_max_(cpu_seconds_max) {}
  /// Kills those that still run.
  ~children();
  children(const children&) = delete;
  children& operator=(const children&) = delete;

  /// Begins a child, once there is room for one; calls handlers of others meanwhile. Error: `no_process`.
  result<void> begin(work what, end_handler ended);
  /// Until all have ended.
  void finish();

 private:
  struct running {
    int pid = 0;
    int said = -1, errors = -1;  ///< our ends of its pipes; -1: it has closed it
    child_end end;
    end_handler ended;
  };
  void wait_for_one();
  void read_some();
  bool tell_one_end();
  void reap(running& one);

  const unsigned at_once_, cpu_seconds_max_;
  std::map<int, running> running_;  ///< by pid
};

/// One child, and waits for it.
result<child_end> in_child(children::work what, unsigned cpu_seconds_max);

}  // namespace bv::sim
