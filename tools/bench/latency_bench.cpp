// One client, one command at a time: how much the way through the node adds to what the disk takes anyway.
#include "protocols/schema/commerce/cart.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/references.hpp"
#include "tools/bench/shop.hpp"

namespace bv::bench {
namespace {

namespace cart = commerce::cart;

}  // namespace

result<bench_result> run_latency(const bench_options& options) {
  bench_result said{.name = "latency", .unit = "ms", .reference = "p50 of write + fdatasync of 512 bytes", .durability = "fsync",
                    .seed = options.seed};
  BV_ASSIGN(const auto shop, shop::open(quiet_config(options.folder + "/node")));
  BV_TRY(shop->stock(1, 1'000'000));
  // The disk's mood changes: the reference is measured before and after.
  BV_ASSIGN(const auto before, fdatasync_p50_ms(options.folder + "/reference", options.seconds / 4));
  const auto outcome = run_closed_loop(shop->entities(), 1, options.seconds / 2, [&](std::uint32_t, std::uint64_t count) {
    if (count % 8 == 7) return request<cart::contract>("cart", "shopper", cart::clear{});
    return request<cart::contract>("cart", "shopper", cart::add_item{.sku = shop::sku(0), .quantity = 1});
  });
  BV_ASSIGN(const auto after, fdatasync_p50_ms(options.folder + "/reference", options.seconds / 4));
  fill_in(said, outcome, 1);
  said.unit = "ms";
  said.value = outcome.p50_ms;
  said.reference_value = (before + after) / 2;
  said.ratio = said.value / *said.reference_value;
  if (outcome.failed > 0 || outcome.rejected > 0)
    return failure(error_kind::internal, "check_failed", "a command was not accepted");
  said.checks = {"every command was accepted"};
  return said;
}

}  // namespace bv::bench
