#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "actors/runtime/random.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim {

/// Shoppers to make up: what they want, how they go about it and what they do with their orders. All shares are percent.
struct workload {
  std::uint32_t users = 0;
  std::uint32_t trips_max = 1;       ///< orders of a user, one after the other: 1 to so many
  std::uint32_t lines_max = 3;       ///< different SKUs in a cart: 1 to so many
  std::uint32_t quantity_max = 2;    ///< of each: 1 to so many
  /// How uneven demand is: 0 all SKUs alike, 100 Zipf (the second shelf sells half of the first, the third a third …).
  std::uint32_t skew_percent = 100;
  span arrival{{}, std::chrono::seconds{1}};  ///< between one user's first step and the next user's
  span think{{}, std::chrono::seconds{2}};    ///< between two steps of a user
  std::uint32_t leave_percent = 5;      ///< of trips: the cart is filled and left there
  std::uint32_t change_percent = 20;    ///< of carts: a line is changed or taken out again
  std::uint32_t cancel_percent = 10;    ///< of orders: cancelled, half of them while the checkout runs
  std::uint32_t refund_percent = 10;    ///< of orders: money back, half of them after delivery
  std::uint32_t deliver_percent = 40;   ///< of orders: shipped and delivered
  std::uint32_t duplicate_percent = 20; ///< of commands: sent two to four times at once
  std::uint32_t second_device_percent = 10;  ///< of users: a second device works on the same cart
  std::uint32_t look_percent = 0;            ///< of items put in: the cart is looked at
  std::uint32_t stale_look_percent = 0;      ///< of items put in: the cart is looked at, and what the node has will do
  friend bool operator==(const workload&, const workload&) = default;
};

/// Clients u1, u2 … and their second devices u1b …, talking to the nodes in turn. User u7's orders are o-u7-1, o-u7-2 …
/// What a user does depends on the seed and its number only. `shelves` must not be empty.
std::vector<client_script> make_clients(const workload& of, const std::vector<shelf>& shelves, std::uint16_t nodes,
                                        std::uint64_t seed);

/// The place of a shelf, by demand: the first is wanted most.
std::size_t draw_shelf(std::size_t shelves, std::uint32_t skew_percent, runtime::random_source& chance);

}  // namespace bv::sim
