// What a million carts weigh: live, and once they have left the memory.
#include <cstddef>
#include <cstdint>

#include "protocols/schema/commerce/cart.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/shop.hpp"

/// jemalloc's, with which the program is linked unless it is built with a sanitizer.
extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* set, std::size_t set_size)
    __attribute__((weak));
/// The sanitizers' own allocator's, in a build with one.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace bv::bench {
namespace {

namespace cart = commerce::cart;

/// A live cart's share of the heap, from the requirement.
constexpr double live_bytes_max = 2048;
/// Carts that stay live in the second half of the run.
constexpr std::uint64_t live_after = 10'000;

/// Bytes that the program holds on the heap; unlike the resident size it does not count what the allocator keeps for
/// later.
double heap_bytes() {
  if (__sanitizer_get_current_allocated_bytes != nullptr)
    return static_cast<double>(__sanitizer_get_current_allocated_bytes());
  std::uint64_t epoch = 1;  // jemalloc's figures are those of the last time that this was set
  std::size_t allocated = 0, size = sizeof allocated;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  mallctl("stats.allocated", &allocated, &size, nullptr, 0);
  return static_cast<double>(allocated);
}

result<void> touch(shop& in, std::uint64_t count) {
  return send_all(in.entities(), filling_in_flight, count, [&](std::uint64_t i) {
    return request<cart::contract>("cart", "shopper-" + std::to_string(i),
                                   cart::add_item{.sku = shop::sku(i % 10), .quantity = 1});
  });
}

/// Heap per cart above what the node takes with a handful of them.
result<double> heap_per_cart(const bench_options& options, const std::string& folder, std::uint64_t live_max,
                             std::int64_t& live) {
  auto config = quiet_config(folder);
  config.runtime.live_entities_per_shard_max = static_cast<std::uint32_t>(live_max / config.cluster.shards);
  BV_ASSIGN(const auto shop, shop::open(config));
  BV_TRY(shop->stock(10, 1'000'000));
  BV_TRY(touch(*shop, filling_in_flight));
  // What is derived waits in memory until it is written: that is the store's bound, not the carts' weight.
  const auto before = heap_bytes();
  BV_TRY(touch(*shop, options.scale));
  live = shop->node().metrics().entities_live;
  return (heap_bytes() - before) / static_cast<double>(options.scale);
}

}  // namespace

result<bench_result> run_memory(const bench_options& options) {
  bench_result said{.name = "memory", .unit = "bytes/aggregate", .durability = "fsync", .seed = options.seed};
  std::int64_t live = 0, left = 0;
  BV_ASSIGN(said.value, heap_per_cart(options, options.folder + "/live", options.scale * 2, live));
  BV_ASSIGN(const auto passivated, heap_per_cart(options, options.folder + "/passivated", live_after, left));
  if (live < static_cast<std::int64_t>(options.scale))
    return failure(error_kind::internal, "check_failed", "not all carts were live when they were weighed");
  said.checks = {std::to_string(live) + " carts were live when they were weighed",
                 "with " + std::to_string(left) + " of them live the heap grew by " +
                     std::to_string(static_cast<long long>(passivated)) + " bytes a cart"};
  if (said.value > live_bytes_max) said.checks.push_back("ABOVE the aim of 2048 bytes a live cart");
  return said;
}

}  // namespace bv::bench
