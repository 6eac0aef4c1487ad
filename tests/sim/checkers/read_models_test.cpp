#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_read_models(const history& h) { return h.judge_by("read_models_follow"); }

history with(read_model_rows kept, read_model_rows anew) {
  history h;
  h.seen.read_models.push_back({0, "stock_view", std::move(kept), std::move(anew)});
  return h;
}

TEST_CASE("read models: the same rows are right") {
  const auto h = with({{"MUG", "8"}, {"PEN", "5"}}, {{"MUG", "8"}, {"PEN", "5"}});
  CHECK_MESSAGE(judge_read_models(h).empty(), text_of(judge_read_models(h)));
}

TEST_CASE("read models: an event that was passed over is found") {
  CHECK(says(judge_read_models(with({{"MUG", "10"}}, {{"MUG", "8"}})), "n1 stock_view: row MUG is not what its events give"));
  CHECK(says(judge_read_models(with({}, {{"MUG", "8"}})), "n1 stock_view: row MUG is missing"));
}

TEST_CASE("read models: a row of an event that never was is found") {
  CHECK(says(judge_read_models(with({{"MUG", "8"}, {bytes("CUP\0 1", 6), ""}}, {{"MUG", "8"}})), "row CUP. 1 should not be there"));
}

}  // namespace
}  // namespace bv::sim::testing
