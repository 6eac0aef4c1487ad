// Everybody wants the same SKU: all commands meet in one entity of one shard.
#include "protocols/schema/commerce/inventory.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/shop.hpp"

namespace bv::bench {
namespace {

namespace inventory = commerce::inventory;

}  // namespace

result<bench_result> run_hot(const bench_options& options) {
  constexpr std::uint32_t in_flight = 1024, units = 1'000'000;
  bench_options reference = options;
  reference.folder += "/commands";
  BV_ASSIGN(const auto commands, run_commands(reference));

  bench_result said{.name = "hot", .reference = "commands", .reference_value = commands.value,
                    .durability = "fsync", .seed = options.seed};
  BV_ASSIGN(const auto shop, shop::open(quiet_config(options.folder + "/node")));
  BV_TRY(shop->stock(1, units));
  // Units are given back as they were taken, ten reservations later: the shelf is never empty, nor the list long.
  constexpr std::uint64_t held = 10;
  const auto outcome = run_closed_loop(shop->entities(), in_flight, options.seconds, [&](std::uint32_t slot, std::uint64_t count) {
    const auto name = [&](std::uint64_t n) { return std::to_string(slot) + "-" + std::to_string(n); };
    if (count % 2 == 1 && count / 2 >= held)
      return request<inventory::contract>("inventory", shop::sku(0), inventory::release{name(count / 2 - held)});
    return request<inventory::contract>("inventory", shop::sku(0),
                                        inventory::reserve{.reservation_id = name(count / 2), .quantity = 1});
  });
  fill_in(said, outcome, in_flight);
  said.ratio = said.value / *said.reference_value;
  BV_ASSIGN(const auto stock, shop->look<inventory::contract>("inventory", shop::sku(0)));
  std::int64_t open = 0;
  for (const auto& reservation : stock.reservations) open += reservation.quantity;
  if (stock.available < 0 || stock.reserved != open || stock.available + stock.reserved + stock.sold != units || outcome.failed > 0)
    return failure(error_kind::internal, "check_failed", "the stock does not add up after the run");
  said.checks = {"never oversold", "available + reserved + sold is what was received", "the open reservations are what is reserved"};
  return said;
}

}  // namespace bv::bench
