#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/runtime/random.hpp"
#include "tools/chaos/going.hpp"
#include "tools/chaos/shop_requests.hpp"

namespace bv::chaos {

/// What all who ask share.
struct askers_world {
  const shop_requests& language;
  const std::vector<http_client::address>& nodes;
  const going& run;
  std::atomic<std::uint64_t>& answered;  ///< operations
};

/// Which operation: of whom, and when it began.
using operation_id = std::pair<std::string, timestamp>;

/// What has become of a lot of requests.
struct tally {
  std::map<std::string, std::uint64_t> attempts;  ///< by what was heard
  std::vector<double> latencies_ms;               ///< by operation, from the first attempt to the answer
  /// Of operations that took long: what was heard at which node, and when.
  std::map<operation_id, std::string> ways;
  void add(const tally& other);
};

/// Asks one thing at a time, of any node, and of another one under the same key until it is answered. One thread.
class asker {
 public:
  asker(const askers_world& around, std::uint64_t seed);

  /// What was answered; the last of history(). Unknown only if the run was over before.
  const sim::operation& ask(shop_request what);
  /// As ask(), always of the same node.
  const sim::operation& ask_at(std::size_t node, shop_request what);

  [[nodiscard]] const std::vector<sim::operation>& history() const { return history_; }
  std::vector<sim::operation> take_history() { return std::move(history_); }
  [[nodiscard]] const tally& seen() const { return seen_; }

 private:
  const sim::operation& ask(shop_request what, std::size_t node, bool turns);
  /// That is not avoided; if all are, whoever comes next.
  [[nodiscard]] std::size_t next_after(std::size_t node, timestamp now) const;

  const askers_world around_;
  runtime::random_source chance_;
  std::vector<http_client::connection> to_;  ///< by node
  std::vector<timestamp> avoid_until_;       ///< by node
  std::vector<sim::operation> history_;
  tally seen_;
};

/// The clock of the histories: that of the nodes, which run on this machine.
timestamp wall_now();

}  // namespace bv::chaos
