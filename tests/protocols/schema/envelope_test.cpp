#include "protocols/schema/envelope.hpp"

#include <doctest/doctest.h>

#include "tests/protocols/schema/fixtures/sample.hpp"

using namespace bv;
using namespace bv::fixtures;

TEST_CASE("envelope: an event as every channel carries it") {
  const auto key = entity_key::trusted("default", "sample", "s-1");
  const schema::event_facts about{.shard = 3, .offset = 1041, .entity = key, .ordinal = 1, .at = {0},
                                  .trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                  .correlation = "order \"7\"", .producer = "node-1"};
  const auto json = schema::event_json(sample::contract::reflection(), about,
                                       sample::encode(sample::event(sample::priced{"mug", {250, "USD"}})));
  REQUIRE(json);
  CHECK(*json ==
        R"({"eventId":"3-1041","eventType":"testing.sample.priced.v2","occurredAt":"1970-01-01T00:00:00Z",)"
        R"("producer":"node-1","traceId":"0af7651916cd43dd8448eb211c80319c","correlationId":"order \"7\"",)"
        R"("schemaVersion":2,"tenantId":"default","partitionKey":"sample/s-1",)"
        R"("payload":{"sku":"mug","price":{"minor":250,"currency":"USD"}}})");
}

TEST_CASE("envelope: a payload of another event than the record says is refused") {
  const auto key = entity_key::trusted("default", "sample", "s-1");
  schema::event_facts about{.entity = key, .ordinal = 0};
  const auto message = sample::encode(sample::event(sample::opened{"t"}));
  CHECK(schema::event_json(sample::contract::reflection(), about, message).error().code == "unknown_member");
  about.ordinal = 99;
  CHECK(schema::event_json(sample::contract::reflection(), about, message).error().code == "event_unknown");
}

TEST_CASE("envelope: a receipt names the events that a command caused") {
  const auto key = entity_key::trusted("default", "sample", "s-1");
  const std::vector<std::uint16_t> events{0, 1};
  CHECK(schema::receipt_json(sample::contract::reflection(), key, 3, events) ==
        R"({"type":"sample","id":"s-1","version":3,"events":["testing.sample.stored.v1","testing.sample.priced.v2"]})");
}

TEST_CASE("envelope: only a well-formed traceparent has a trace id") {
  using schema::trace_id_of;
  CHECK(trace_id_of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") == "0af7651916cd43dd8448eb211c80319c");
  for (const auto* bad : {"", "00", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                          "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    CHECK(trace_id_of(bad).empty());
}
