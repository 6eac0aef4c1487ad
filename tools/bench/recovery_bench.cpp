// How long a node takes from start to ready, with many carts on its disk and with few: it must not matter.
#include "protocols/schema/commerce/cart.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/shop.hpp"

namespace bv::bench {
namespace {

namespace cart = commerce::cart;

result<void> fill(const std::string& folder, std::uint64_t carts) {
  BV_ASSIGN(const auto shop, shop::open(quiet_config(folder)));
  BV_TRY(shop->stock(10, 1'000'000));
  return send_all(shop->entities(), filling_in_flight, carts, [&](std::uint64_t i) {
    return request<cart::contract>("cart", "shopper-" + std::to_string(i),
                                   cart::add_item{.sku = shop::sku(i % 10), .quantity = 1});
  });
}

result<double> time_to_ready(const std::string& folder, std::uint64_t carts) {
  const auto began = wall_seconds();
  BV_ASSIGN(const auto shop, shop::open(quiet_config(folder)));
  const auto took = wall_seconds() - began;
  BV_ASSIGN(const auto last, shop->look<cart::contract>("cart", "shopper-" + std::to_string(carts - 1)));
  if (last.lines.size() != 1) return failure(error_kind::internal, "check_failed", "the last cart is not as it was left");
  return took;
}

}  // namespace

result<bench_result> run_recovery(const bench_options& options) {
  bench_result said{.name = "recovery", .unit = "s", .reference = "the same with a hundredth of the carts",
                    .durability = "fsync", .seed = options.seed};
  const auto many = options.folder + "/many", few = options.folder + "/few";
  BV_TRY(fill(many, options.scale));
  BV_TRY(fill(few, options.scale / 100));
  BV_ASSIGN(said.value, time_to_ready(many, options.scale));
  BV_ASSIGN(said.reference_value, time_to_ready(few, options.scale / 100));
  said.ratio = said.value / *said.reference_value;
  said.checks = {"the last of " + std::to_string(options.scale) + " carts is as it was left"};
  return said;
}

}  // namespace bv::bench
