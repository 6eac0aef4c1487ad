// Add-to-cart as a client sends it: JSON over keep-alive connections. The clients run in the same process and their CPU
// is counted; the reference pays for them as well.
#include "protocols/schema/commerce/cart.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/shop.hpp"
#include "tools/bench/shopper.hpp"

namespace bv::bench {
namespace {

namespace cart = commerce::cart;

constexpr std::uint32_t connections = 64;
constexpr std::uint32_t skus_for_sale = 200;
/// Each connection walks its own carts.
constexpr std::uint64_t carts_per_connection = 157;

std::string shopper_of(std::uint32_t connection, std::uint64_t count) {
  return "shopper-" + std::to_string(connection * carts_per_connection + count % carts_per_connection);
}

std::string add_to_cart(std::uint32_t connection, std::uint64_t count) {
  const auto shopper = shopper_of(connection, count);
  if (empties_cart(count / carts_per_connection)) return http_request("DELETE /api/cart", shopper);
  return http_request("POST /api/cart/items", shopper,
                      R"({"sku":")" + shop::sku((connection + count * 7) % skus_for_sale) + R"(","quantity":1})");
}

std::string ask_for_health(std::uint32_t connection, std::uint64_t count) {
  return http_request("GET /healthz", shopper_of(connection, count));
}

}  // namespace

result<bench_result> run_http(const bench_options& options) {
  bench_result said{.name = "http", .reference = "the same server answering /healthz", .durability = "fsync", .seed = options.seed};
  auto config = quiet_config(options.folder + "/node");
  config.http.enabled = true;
  config.http.listen.port = 0;
  BV_ASSIGN(const auto shop, shop::open(config));
  BV_TRY(shop->stock(skus_for_sale, 1'000'000));
  // Before and after, for the machine's mood.
  BV_ASSIGN(const auto before, run_http_load({shop->http_port()}, connections, options.seconds / 4, ask_for_health));
  const auto events_before = shop->node().metrics().events;
  BV_ASSIGN(const auto outcome, run_http_load({shop->http_port()}, connections, options.seconds, add_to_cart));
  const auto events = shop->node().metrics().events - events_before;
  BV_ASSIGN(const auto after, run_http_load({shop->http_port()}, connections, options.seconds / 4, ask_for_health));
  fill_in(said, outcome, connections);
  said.unit = "requests/s";
  said.reference_value = (before.per_second() + after.per_second()) / 2;
  said.ratio = said.value / *said.reference_value;
  if (outcome.failed + before.failed + after.failed > 0)
    return failure(error_kind::internal, "check_failed", std::to_string(outcome.failed) + " requests were not answered with 2xx");
  if (events != outcome.accepted)
    return failure(error_kind::internal, "check_failed", "the node counts another number of events than its clients");
  said.checks = {"every request was answered with 2xx", "one event in the log for each"};
  return said;
}

}  // namespace bv::bench
