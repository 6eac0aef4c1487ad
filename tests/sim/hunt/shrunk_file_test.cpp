// covers: sim/hunt/shrink.cpp
#include <doctest/doctest.h>

#include "sim/hunt/shrink.hpp"
#include "sim/plan/check_scenario.hpp"
#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"
#include "sim/plan/write_scenario.hpp"
#include "tests/sim/plan/shop.hpp"

using namespace bv::sim;

namespace {

plan read_again(const std::string& text, std::uint64_t seed) {
  const auto read = read_scenario(text, "written.toml");
  if (!read) FAIL(read.error().message, "\n", text);
  return draw(*read, seed);
}

/// Needs the last fault's kind, if there were faults, and somebody who checks out.
bool looks_alike(const plan& p, const plan& original) {
  const auto kind = [](const plan& of) { return of.faults.back().what.index(); };
  if (!original.faults.empty() && (p.faults.empty() || kind(p) != kind(original))) return false;
  for (const auto& client : p.clients)
    for (const auto& step : client.steps)
      if (const auto* ask = std::get_if<ask_step>(&step); ask != nullptr && ask->entity.starts_with("cart/")) return true;
  return false;
}

}  // namespace

TEST_CASE("shrink: what is left of a drawn plan has nothing wrong and can be handed on as a file") {
  int tried = 0;
  for (const auto& each : shipped_scenarios()) {
    const auto read = read_scenario(each.text, std::string(each.file));
    REQUIRE(read.has_value());
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(each.file);
      CAPTURE(seed);
      const auto from = draw(*read, seed);
      if (!looks_alike(from, from)) continue;
      ++tried;
      const auto small = shrink(from, [&](const plan& p) { return looks_alike(p, from); }, {.on_progress = {}});
      CHECK(small.complete);
      CHECK(size_of(small.what) == (from.faults.empty() ? 1 : 2));
      for (const auto& wrong : check_scenario(small.what, shop())) FAIL_CHECK(bv::describe(wrong));
      CHECK(read_again(write_scenario(small.what), seed) == small.what);
    }
  }
  CHECK(tried > 100);
}
