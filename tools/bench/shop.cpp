#include "tools/bench/shop.hpp"

#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>

#include "actors/commerce/commerce.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {
namespace {

constexpr std::uint32_t setup_in_flight = 512;
constexpr double catch_up_seconds_max = 60;

}  // namespace

result<std::unique_ptr<shop>> shop::open(const bench_options& options, std::uint64_t live_max) {
  auto made = std::unique_ptr<shop>(new shop);
  storage::store_options on_disk{.folder = options.folder, .on_commit = {}, .on_note = {}};
  BV_ASSIGN(made->store_, storage::open_rocks_store(on_disk));
  made->scheduler_.emplace(0);
  runtime::node_options chosen;
  chosen.seed = options.seed;
  if (live_max > 0)
    chosen.bounds.live_entities_per_shard_max = static_cast<std::uint32_t>(live_max / chosen.shards + 1);
  for (auto& one : commerce::aggregates()) chosen.aggregates.push_back(std::move(one));
  for (auto& one : commerce::projections()) chosen.projections.push_back(std::move(one));
  chosen.notes = [](const runtime::note& said) {
    if (said.level == runtime::note_level::error)
      std::fprintf(stderr, "%.*s\n", static_cast<int>(said.message.size()), said.message.data());
  };
  made->node_ = std::make_unique<runtime::node>(made->scheduler_->system(), made->store_, made->time_, std::move(chosen));
  std::promise<result<void>> ready;
  made->node_->start([&](result<void> outcome) { ready.set_value(std::move(outcome)); });
  BV_TRY(ready.get_future().get());
  return made;
}

shop::~shop() {
  if (node_) node_->stop_and_wait();
  node_.reset();
  scheduler_.reset();
  if (store_.log)
    if (auto closed = store_.close(); !closed) std::fprintf(stderr, "%s\n", describe(closed.error()).c_str());
}

result<bytes> shop::view(const entity_key& who) {
  std::promise<result<runtime::entity_view>> seen;
  entities().view(who, {}, [&](result<runtime::entity_view> got) { seen.set_value(std::move(got)); });
  BV_ASSIGN(auto found, seen.get_future().get());
  return std::move(found.state);
}

result<void> shop::stock(std::uint32_t count, std::uint32_t units) {
  namespace product = commerce::product;
  namespace inventory = commerce::inventory;
  const common::money price{1250, "USD"};
  BV_TRY(send_all(entities(), setup_in_flight, count, [&](std::uint64_t i) {
    return request<product::contract>(
        "product", "product-" + std::to_string(i),
        product::create{.sku = sku(i), .name = "Benchmark goods", .category = "bench", .price = price, .initial_stock = units});
  }));
  BV_TRY(send_all(entities(), setup_in_flight, count, [&](std::uint64_t i) {
    return request<inventory::contract>("inventory", sku(i),
                                        inventory::initialise{.product_id = "product-" + std::to_string(i), .quantity = units});
  }));
  const auto deadline = wall_seconds() + catch_up_seconds_max;
  while (node_->projection_of("stock_view")->status().events_behind > 0) {
    if (wall_seconds() > deadline)
      return failure(error_kind::timeout, "stock_view_behind", "the stock view did not catch up during set-up");
    std::this_thread::yield();
  }
  return {};
}

}  // namespace bv::bench
