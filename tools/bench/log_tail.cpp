#include "tools/bench/log_tail.hpp"

#include <cstdio>
#include <utility>

namespace bv::bench {
namespace {

constexpr std::size_t page_size_bytes = std::size_t{256} << 10;

}  // namespace

log_tail::log_tail(runtime::event_log& log, std::vector<runtime::event_interest> wanted, seen_handler seen)
    : log_(log), wanted_(std::move(wanted)), seen_(std::move(seen)) {
  for (std::uint16_t i = 0; i < log_.shard_count(); ++i) cursors_.push_back(log_.end(storage::shard_id{i}));
  following_ = log_.follow([this, kinds = runtime::event_kinds::of(wanted_)](auto, const runtime::event_kinds& grown) {
    if (!grown.may_share(kinds)) return;
    const std::lock_guard lock(mutex_);
    if (!std::exchange(grown_, true)) wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

log_tail::~log_tail() {
  following_.reset();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void log_tail::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return grown_ || closing_; });
      if (closing_) return;
      grown_ = false;
    }
    for (std::uint16_t i = 0; i < cursors_.size(); ++i) {
      for (bool more = true; more;) {
        const auto page = log_.read(storage::shard_id{i}, cursors_[i], page_size_bytes, wanted_);
        if (!page) {
          std::fprintf(stderr, "%s\n", describe(page.error()).c_str());
          return;
        }
        cursors_[i] = page->through;
        more = !page->at_end;
        for (const auto& event : page->events) seen_(event);
      }
    }
  }
}

}  // namespace bv::bench
