#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "actors/replication/types.hpp"

namespace bv::replication {

using read_handler = std::function<void(result<storage::log_index>)>;

/// Linearizable reads without an entry in the log (Ongaro's thesis, 6.4): before a leader lets a read see its state it asks
/// all voters whether its term is still theirs. If a majority's is, after the read came in, no later leader can have
/// committed anything before it. One round is under way at a time and serves all reads that came before it began.
class read_rounds {
 public:
  void ask(read_handler done) { waiting_.push_back(std::move(done)); }
  /// A round must begin: reads wait and none is under way.
  [[nodiscard]] bool due() const { return !waiting_.empty() && asked_.empty(); }
  [[nodiscard]] bool under_way() const { return !asked_.empty(); }
  [[nodiscard]] std::uint64_t round() const { return round_; }
  void begin(storage::log_index committed);
  void on_answer(server_id from, std::uint64_t round);
  /// The handlers of the round if a majority of `members` has answered; `self` agrees with itself.
  [[nodiscard]] std::vector<read_handler> take_confirmed(const configuration& members, server_id self);
  [[nodiscard]] storage::log_index index() const { return index_; }
  /// All handlers, after the leadership is lost.
  [[nodiscard]] std::vector<read_handler> take_all();
  [[nodiscard]] std::size_t size() const { return waiting_.size() + asked_.size(); }

 private:
  std::vector<read_handler> waiting_, asked_;
  std::set<server_id> agreed_;
  std::uint64_t round_ = 0;  ///< never repeats in a process; answers carry the term as well
  storage::log_index index_;
};

}  // namespace bv::replication
