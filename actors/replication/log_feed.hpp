#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "actors/replication/options.hpp"
#include "actors/replication/types.hpp"
#include "storage/journal.hpp"

namespace bv::replication {

/// Brings one follower level from the leader's journal: ordinary append requests, in chunks, of which a window is under
/// way. The follower's answers are how far it is durable, so a feed that was broken off goes on there. One leadership long.
class log_feed {
 public:
  struct seams {
    /// Reads a page of the journal and calls back on the owner's thread, later.
    std::function<void(storage::log_index from, std::size_t size_bytes,
                       std::function<void(result<std::vector<storage::log_entry>>)>)>
        read;
    std::function<void(append_request)> send;  ///< the rest of it is filled in
    std::function<void(const error&)> failed;  ///< the feed must be dropped
  };
  log_feed(storage::log_index next, const feed_options& options, seams around);

  /// Sends what may be sent of the log up to `last`, its durable end.
  void go_on(storage::log_index last, std::uint64_t now_ms);
  void on_answer(const append_answer& answer, std::uint64_t now_ms);
  [[nodiscard]] storage::log_index match() const { return match_; }

 private:
  struct chunk {
    std::uint64_t previous;
    std::uint64_t last;
    std::size_t size_bytes;
    bool refused = false;
  };

  void on_page(result<std::vector<storage::log_entry>> page);
  void send(std::vector<storage::log_entry> page);
  void restart(storage::log_index next);

  const feed_options options_;
  const seams around_;
  storage::log_index next_, match_;
  storage::log_index last_;
  std::uint64_t previous_term_ = 0;  ///< of the entry before next_; 0 unknown
  std::uint64_t step_back_ = 1;
  std::uint64_t moved_ms_ = 0;  ///< when it last got further
  std::deque<chunk> under_way_;
  std::size_t under_way_bytes_ = 0;
  bool reading_ = false;
  std::uint64_t attempt_ = 0;  ///< pages that were asked for before a restart are void
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace bv::replication
