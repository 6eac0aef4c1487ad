#include "sim/world/batch_records.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "protocols/schema/commerce/cart.hpp"
#include "sim/world/shop_contracts.hpp"
#include "storage/batch.hpp"

using namespace bv;
using namespace bv::sim;
namespace cart = bv::commerce::cart;

namespace {

constexpr batch_place place{.node = 2, .shard = storage::shard_id{3}, .index = storage::log_index{7}, .committed_at = {5000}};

struct written {
  std::string entity;
  std::uint64_t version;
  std::vector<storage::event_view> events;
};

bytes batch_of(const std::vector<written>& records) {
  storage::batch_builder builder(place.index, storage::event_offset{40});
  for (const auto& [entity, version, events] : records) {
    storage::record_view record;
    record.entity = entity;
    record.version = version;
    record.at = {4000};
    record.wake_before = {1};
    record.wake_after = {2};
    record.command_id = hash128("c1");
    record.principal = "ada";
    builder.add(record, events);
  }
  return std::move(builder).finish(storage::term_number{1}, {4500});
}

std::uint16_t ordinal_of(std::string_view event) {
  for (const auto& one : cart::contract::reflection().events())
    if (one.name == event) return one.ordinal;
  FAIL("the cart has no such event");
  return 0;
}

}  // namespace

TEST_CASE("batch records: each is as it was written, with the names of its events, their offsets and the place") {
  const auto contracts = shop_contracts();
  const auto data = batch_of({{"default/cart/ada", 2, {{ordinal_of("itemAdded"), "one"}, {ordinal_of("itemRemoved"), "two"}}},
                              {"default/cart/eve", 9, {{ordinal_of("cleared"), "three"}}}});
  const auto read = batch_records(contracts, place, data);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  const auto& first = read->front();
  CHECK(first.node == 2);
  CHECK(first.shard == place.shard);
  CHECK(first.index == place.index);
  CHECK(first.committed_at == place.committed_at);
  CHECK(first.entity.text() == "default/cart/ada");
  CHECK(first.version == 2);
  CHECK(first.first_offset == storage::event_offset{40});
  CHECK(first.decided_at == timestamp{4000});
  CHECK(first.wake_before == timestamp{1});
  CHECK(first.wake_after == timestamp{2});
  CHECK(first.command_id == hash128("c1"));
  CHECK(first.principal == "ada");
  REQUIRE(first.events.size() == 2);
  CHECK(first.events[0].name == "itemAdded");
  CHECK(first.events[0].payload == "one");
  CHECK(first.events[1].name == "itemRemoved");
  CHECK(first.events[1].ordinal == ordinal_of("itemRemoved"));
  const auto& second = read->back();
  CHECK(second.entity.id() == "eve");
  CHECK(second.first_offset == storage::event_offset{42});
  REQUIRE(second.events.size() == 1);
  CHECK(second.events[0].payload == "three");
}

TEST_CASE("batch records: what no contract knows is corruption, and says of whom") {
  const auto contracts = shop_contracts();
  const auto code_of = [&](const bytes& data) {
    const auto read = batch_records(contracts, place, data);
    return read ? "none" : read.error().code;
  };
  CHECK(code_of(batch_of({{"default/spaceship/one", 1, {{0, ""}}}})) == "journal_corrupt");
  CHECK(code_of(batch_of({{"default/cart/ada", 1, {{999, ""}}}})) == "journal_corrupt");
  CHECK(code_of("no batch at all") == "journal_corrupt");
  auto data = batch_of({{"default/cart/ada", 1, {{0, "payload"}}}});
  data.back() ^= 1;
  CHECK(code_of(data) == "journal_corrupt");
  CHECK(batch_records(contracts, place, batch_of({{"default/cart/ada", 1, {{999, ""}}}})).error().context ==
        "default/cart/ada");
}

TEST_CASE("shop contracts: all that a node hosts, each found by its name") {
  const auto contracts = shop_contracts();
  std::set<std::string> names;
  for (const auto* one : contracts) names.insert(one->name());
  CHECK(names == std::set<std::string>{"cart", "cluster", "inventory", "order", "payment", "product", "saga"});
  CHECK(contracts.size() == names.size());
  CHECK(find_contract(contracts, "cart") == &cart::contract::reflection());
  CHECK(find_contract(contracts, "carts") == nullptr);
  CHECK(find_contract(contracts, "") == nullptr);
}
