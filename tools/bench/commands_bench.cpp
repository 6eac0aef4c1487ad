// One command at a time over many carts, in process: what the runtime and the journal cost without a protocol.
#include "protocols/schema/commerce/cart.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/references.hpp"
#include "tools/bench/shop.hpp"
#include "tools/bench/shopper.hpp"

namespace bv::bench {
namespace {

namespace cart = commerce::cart;

}  // namespace

result<bench_result> run_commands(const bench_options& options) {
  constexpr std::uint32_t carts = 10'000, skus = 200, in_flight = 1024;
  bench_result said{.name = "commands", .reference = "raw RocksDB, synced batches of 512 records of 200 bytes",
                    .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(said.reference_value, raw_rocksdb_records_per_second(options.folder + "/reference", options.seconds / 2));

  BV_ASSIGN(const auto shop, shop::open(quiet_config(options.folder + "/node")));
  BV_TRY(shop->stock(skus, 1'000'000));
  const auto events_before = shop->node().metrics().events;
  // Each slot walks its own carts, so that what a cart holds follows from how often it was asked.
  const auto outcome = run_closed_loop(shop->entities(), in_flight, options.seconds, [&](std::uint32_t slot, std::uint64_t count) {
    constexpr std::uint64_t carts_per_slot = carts / in_flight + 1;
    const auto id = "shopper-" + std::to_string(slot * carts_per_slot + count % carts_per_slot);
    const auto visit = count / carts_per_slot;
    if (empties_cart(visit)) return request<cart::contract>("cart", id, cart::clear{});
    return request<cart::contract>("cart", id,
                                   cart::add_item{.sku = shop::sku((slot + count * 7) % skus), .quantity = 1});
  });
  fill_in(said, outcome, in_flight);
  said.ratio = said.value / *said.reference_value;
  if (outcome.failed > 0 || outcome.rejected > 0)
    return failure(error_kind::internal, "check_failed",
                   std::to_string(outcome.failed) + " commands failed, " + std::to_string(outcome.rejected) + " were rejected");
  if (shop->node().metrics().events - events_before != outcome.accepted)
    return failure(error_kind::internal, "check_failed", "the node counts another number of events than its clients");
  said.checks = {"every command was accepted", "one event in the log for each"};
  return said;
}

}  // namespace bv::bench
