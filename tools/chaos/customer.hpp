#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "tools/chaos/asker.hpp"

namespace bv::chaos {

/// The goods that all want. So few, and so much in demand, that they are always about to run out.
struct goods {
  std::vector<std::string> skus;
  std::uint32_t stock = 300;  ///< of each, at first
};

/// Someone who shops without end: carts, which two share as one user with two devices; reservations on shelves that all share;
/// now and then a checkout. What he does follows from the seed and from what he is answered. One thread.
class customer {
 public:
  customer(const askers_world& around, const goods& there, std::uint64_t seed, std::size_t number, std::atomic<std::uint64_t>& done_with_carts);

  /// Until the run is no longer on. Then what was begun is answered or the run is over.
  void shop();
  asker& asking() { return asking_; }

 private:
  void do_something();
  void change_cart();
  void deal_with_shelf();
  void ask(const std::string& entity, const std::string& command, const std::string& json);
  void look(const std::string& entity);
  [[nodiscard]] std::string cart();
  [[nodiscard]] const std::string& some_sku() { return goods_.skus[chance_.below(goods_.skus.size())]; }

  const askers_world around_;
  const goods& goods_;
  const std::string name_, run_, household_;
  std::atomic<std::uint64_t>& done_with_carts_;  ///< by both who share it
  runtime::random_source chance_;
  asker asking_;
  std::uint64_t asked_ = 0;
  struct held {
    std::string sku, id;
  };
  std::deque<held> held_;
};

}  // namespace bv::chaos
