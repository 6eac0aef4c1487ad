#include "tools/chaos/silences.hpp"

#include <doctest/doctest.h>

#include "actors/runtime/router.hpp"

using namespace bv;
using namespace bv::chaos;

namespace {

timestamp ms(std::int64_t at) { return {at * 1'000'000}; }

sim::operation asked(const std::string& client, const std::string& cart, std::int64_t invoked, std::int64_t returned) {
  sim::operation made;
  made.client = client;
  made.entity = entity_key::trusted("default", "cart", cart);
  made.invoked = ms(invoked);
  made.returned = ms(returned);
  return made;
}

struck_fault kill_at(std::int64_t at, std::vector<std::uint16_t> led) {
  return {.planned = {}, .victim = "a", .led = std::move(led), .struck = ms(at), .undone = ms(at + 1), .well = ms(at + 2)};
}

constexpr std::uint16_t shards = 16;
std::uint16_t shard_of(const std::string& cart) { return runtime::shard_of(entity_key::trusted("default", "cart", cart), shards).value; }

}  // namespace

TEST_CASE("chaos silences: a shard is silent from its last answer to the next one, if somebody waits meanwhile") {
  const auto felt = felt_of({kill_at(1000, {shard_of("x")})},
                            {asked("ann", "x", 980, 990), asked("bob", "x", 985, 1700), asked("ann", "x", 995, 1600), asked("ann", "x", 1710, 1715)}, shards);
  REQUIRE(felt.size() == 1);
  CHECK(felt[0].shards_ms.at(shard_of("x")) == doctest::Approx(610));
  CHECK(felt[0].worst_shard_ms() == doctest::Approx(610));
  CHECK(felt[0].client_ms == doctest::Approx(715));
}

TEST_CASE("chaos silences: where nobody asked nothing was missed") {
  const auto felt = felt_of({kill_at(1000, {shard_of("x")})}, {asked("ann", "x", 100, 110), asked("ann", "x", 5000, 5020)}, shards);
  CHECK(felt[0].shards_ms.at(shard_of("x")) == doctest::Approx(20));
}

TEST_CASE("chaos silences: what was before a fault or after the next one is not this fault's") {
  const std::vector<sim::operation> history{asked("ann", "x", 10, 900), asked("ann", "x", 1500, 1510), asked("ann", "x", 3000, 3800)};
  const auto felt = felt_of({kill_at(1000, {}), kill_at(2000, {})}, history, shards);
  CHECK(felt[0].client_ms == doctest::Approx(10));
  CHECK(felt[1].client_ms == doctest::Approx(800));
  CHECK(felt[1].client == "ann");
  CHECK(felt[1].since == ms(3000));
  CHECK(felt[0].shards_ms.empty());
}

TEST_CASE("chaos silences: who was waiting when a fault struck waited because of that one, not of the one before") {
  const auto felt = felt_of({kill_at(1000, {}), kill_at(2000, {})}, {asked("ann", "x", 1990, 2700)}, shards);
  CHECK(felt[0].client_ms == 0);
  CHECK(felt[1].client_ms == doctest::Approx(710));
}

TEST_CASE("chaos silences: what never was answered has no length; that it was not, is told elsewhere") {
  auto lost = asked("ann", "x", 1000, 0);
  lost.returned = {};
  const auto felt = felt_of({kill_at(900, {shard_of("x")})}, {lost}, shards);
  CHECK(felt[0].client_ms == 0);
}

TEST_CASE("chaos silences: percentiles are values that were measured") {
  std::vector<double> hundred;
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  CHECK(percentile(hundred, 50) == 50);
  CHECK(percentile(hundred, 99) == 99);
  CHECK(percentile(hundred, 100) == 100);
  CHECK(percentile({7}, 50) == 7);
  CHECK(percentile({}, 50) == 0);
}
