#include "sim/plan/shipped.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/plan/check_scenario.hpp"
#include "sim/plan/draw.hpp"
#include "tests/sim/plan/shop.hpp"

using namespace bv::sim;

TEST_CASE("shipped: each scenario bears the name of its file and says what it shows") {
  CHECK(shipped_scenarios().size() >= 13);
  for (const auto& each : shipped_scenarios()) {
    CAPTURE(each.file);
    const auto read = read_scenario(each.text, std::string(each.file));
    if (!read) FAIL(read.error().message);
    CHECK(read->name == each.name);
    CHECK(read->file == read->name + ".toml");
    CHECK(read->about.size() > 20);
    CHECK(read->seeds.last >= read->seeds.first);
  }
}

TEST_CASE("shipped: the contracts have nothing against any draw of any scenario") {
  for (const auto& each : shipped_scenarios()) {
    CAPTURE(each.file);
    const auto read = read_scenario(each.text, std::string(each.file));
    REQUIRE(read.has_value());
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
      for (const auto& wrong : check_scenario(draw(*read, seed), shop()))
        FAIL("seed ", seed, ": ", bv::describe(wrong));
  }
}

TEST_CASE("shipped: the swarm has every kind of fault but bit rot and commands by hand, and each only sometimes") {
  const auto all = shipped_scenarios();
  const auto swarm = std::ranges::find(all, "swarm", &shipped_scenario::name);
  REQUIRE(swarm != all.end());
  const auto read = read_scenario(swarm->text, "swarm.toml");
  REQUIRE(read.has_value());
  std::array<int, std::variant_size_v<fault_action>> runs_with{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::array<bool, runs_with.size()> has{};
    for (const auto& each : draw(*read, seed).faults) has[each.what.index()] = true;
    for (std::size_t kind = 0; kind < has.size(); ++kind) runs_with[kind] += has[kind];
  }
  for (std::size_t kind = 0; kind < runs_with.size(); ++kind) {
    CAPTURE(kind);
    const auto what = fault_action{command_fault{}}.index();
    const bool wanted = kind != what && kind != fault_action{bit_rot_fault{}}.index();
    CHECK((runs_with[kind] > 0) == wanted);
    CHECK(runs_with[kind] < 190);
  }
}
