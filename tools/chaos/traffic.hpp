#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tools/chaos/customer.hpp"

namespace bv::chaos {

struct traffic_options {
  std::uint64_t seed = 1;
  std::size_t customers = 16;
  std::vector<http_client::address> nodes;
};

/// The load on a cluster: its goods, its customers, and at the end whoever looks at all that they have touched.
class traffic {
 public:
  explicit traffic(traffic_options options);
  /// Customers are told that it is over, and waited for.
  ~traffic();

  /// Puts the goods in; nothing may disturb it. Error `not_stocked`.
  result<void> stock();
  void start();
  /// Nobody begins anything more. Returns when all that was begun is answered, or that time has passed.
  void finish(std::chrono::milliseconds within);
  /// Each entity, asked of each node. Error `not_answered`: the first that was not within that time.
  result<void> look_at_all(std::chrono::milliseconds within);

  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  /// When nobody asks any more: all histories in the order of `invoked`.
  std::vector<sim::operation> take_history();
  /// Of the customers.
  [[nodiscard]] tally seen() const;

 private:
  const traffic_options options_;
  const shop_requests language_;
  const goods goods_;
  going run_, looking_;
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<std::size_t> busy_{0};
  std::vector<std::unique_ptr<std::atomic<std::uint64_t>>> done_with_carts_;  ///< by household
  std::vector<std::unique_ptr<customer>> customers_;
  std::vector<std::thread> threads_;
  std::vector<std::unique_ptr<asker>> staff_;
};

}  // namespace bv::chaos
