#include "tools/bench/shop.hpp"

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {
namespace {

constexpr double catch_up_seconds_max = 60;
constexpr std::chrono::minutes ready_at_most{5};

}  // namespace

tools::node_config quiet_config(const std::string& folder) {
  tools::node_config config;
  config.node.data_dir = folder;
  config.http.enabled = false;
  return config;
}

result<std::unique_ptr<shop>> shop::open(const tools::node_config& config) {
  auto made = std::unique_ptr<shop>(new shop);
  BV_ASSIGN(made->running_, tools::running_node::start(config, made->log_));
  BV_TRY(made->running_->wait_until_ready(ready_at_most));
  return made;
}

result<bytes> shop::view(const entity_key& who) {
  std::promise<result<runtime::entity_view>> seen;
  entities().view({.entity = who}, [&](result<runtime::entity_view> got) { seen.set_value(std::move(got)); });
  BV_ASSIGN(auto found, seen.get_future().get());
  return std::move(found.state);
}

result<void> shop::stock(std::uint32_t count, std::uint32_t units) {
  namespace product = commerce::product;
  namespace inventory = commerce::inventory;
  constexpr std::uint32_t in_flight = 512;
  const common::money price{1250, "USD"};
  BV_TRY(send_all(entities(), in_flight, count, [&](std::uint64_t i) {
    return request<product::contract>(
        "product", "product-" + std::to_string(i),
        product::create{.sku = sku(i), .name = "Benchmark goods", .category = "bench", .price = price, .initial_stock = units});
  }));
  BV_TRY(send_all(entities(), in_flight, count, [&](std::uint64_t i) {
    return request<inventory::contract>("inventory", sku(i),
                                        inventory::initialise{.product_id = "product-" + std::to_string(i), .quantity = units});
  }));
  const auto deadline = wall_seconds() + catch_up_seconds_max;
  while (node().projection_of("stock_view")->status().events_behind > 0) {
    if (wall_seconds() > deadline)
      return failure(error_kind::timeout, "stock_view_behind", "the stock view did not catch up during set-up");
    std::this_thread::yield();
  }
  return {};
}

}  // namespace bv::bench
