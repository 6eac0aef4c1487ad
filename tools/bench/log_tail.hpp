#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/runtime/event_log.hpp"

namespace bv::bench {

/// Tells of each committed event that is wanted, from now on, on a thread of its own.
class log_tail {
 public:
  using seen_handler = std::function<void(const runtime::logged_event&)>;
  /// `log` must outlive it.
  log_tail(runtime::event_log& log, std::vector<runtime::event_interest> wanted, seen_handler seen);
  ~log_tail();

 private:
  void run();

  runtime::event_log& log_;
  const std::vector<runtime::event_interest> wanted_;
  const seen_handler seen_;
  std::vector<storage::event_offset> cursors_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool grown_ = false, closing_ = false;
  std::shared_ptr<void> following_;
  std::thread thread_;
};

}  // namespace bv::bench
