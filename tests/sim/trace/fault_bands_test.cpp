#include "sim/trace/fault_bands.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::sim;

namespace {

using pairs = std::vector<std::pair<std::size_t, std::size_t>>;

pairs bands_of(const std::vector<trace_line>& lines) {
  pairs found;
  for (const auto& band : fault_bands(lines)) found.emplace_back(band.first, band.last);
  return found;
}

}  // namespace

TEST_CASE("fault bands: from the line that tells the fault to the one that says that it is over, at one place") {
  CHECK(bands_of({{{1}, trace_kind::fault, "n1", "slow disk"},
                  {{2}, trace_kind::fault, "n2", "slow disk"},
                  {{3}, trace_kind::fault, "n1", "pause"},
                  {{4}, trace_kind::commit, "n1", "over: slow disk"},
                  {{5}, trace_kind::fault, "n1", "over: slow disk"},
                  {{6}, trace_kind::fault, "n2", "over: slow disk"},
                  {{7}, trace_kind::fault, "n1", "over: pause"},
                  {{8}, trace_kind::fault, "n1", "slow disk"},
                  {{9}, trace_kind::fault, "n1", "over: slow disk"}}) == pairs{{0, 4}, {1, 5}, {2, 6}, {7, 8}});
}

TEST_CASE("fault bands: a fault that strikes in a moment has none, nor has an end without a beginning") {
  CHECK(bands_of({}).empty());
  CHECK(bands_of({{{1}, trace_kind::fault, "n1", "bit rot"}, {{2}, trace_kind::fault, "n1", "over: pause"}}).empty());
}

TEST_CASE("fault bands: a node that crashes is down until it starts, or to the end") {
  CHECK(bands_of({{{1}, trace_kind::node, "n1", "starts"},
                  {{2}, trace_kind::node, "n1", "crashes"},
                  {{3}, trace_kind::node, "n2", "crashes"},
                  {{4}, trace_kind::node, "n1", "starts"},
                  {{5}, trace_kind::client, "n2", "starts"}}) == pairs{{1, 3}, {2, 4}});
}
