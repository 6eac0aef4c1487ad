// covers: sim/checkers/shop_book.cpp
#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

/// Ada's cart has two mugs, committed at 1 ms, and three at 2 ms.
history two_mugs_then_three() {
  history h;
  h.log<cart::contract>("ada", {cart::item_added{mugs(2), 2, h.now()}});
  h.log<cart::contract>("ada", {cart::quantity_set{mugs(3), h.now()}});
  return h;
}

bytes with_lines(std::vector<commerce::line> lines, timestamp touched) {
  cart::state state;
  for (auto& one : lines) {
    state.total = common::money{one.unit_price.minor * one.quantity, one.unit_price.currency};
    state.lines.put(std::move(one));
  }
  state.touched_at = touched;
  return encode(state);
}

void look(history& h, std::int64_t from, std::int64_t until, std::uint64_t version, bytes state, std::uint64_t life = 1) {
  auto& view = h.look("cart/ada", ms(from), ms(until), version, std::move(state));
  view.stale = true;
  std::get<operation::seen>(view.outcome).life = life;
}

std::vector<violation> judge(const history& h) { return h.judge_by("stale_is_committed"); }

}  // namespace

TEST_CASE("stale is committed: it may be as old as it likes") {
  auto h = two_mugs_then_three();
  look(h, 1, 2, 0, with_lines({}, {}));
  look(h, 50, 60, 1, with_lines({mugs(2)}, ms(0)));
  look(h, 70, 80, 2, with_lines({mugs(3)}, ms(1)));
  CHECK_MESSAGE(judge(h).empty(), text_of(judge(h)));
  CHECK(h.judge_by("linearizable").empty());
}

TEST_CASE("stale is committed: nothing is shown before it is committed, or that never is") {
  auto h = two_mugs_then_three();
  look(h, 0, 1, 2, with_lines({mugs(3)}, ms(1)));
  CHECK(says(judge(h), "ada's stale view of cart/ada, shown by n1 at"));
  CHECK(says(judge(h), "has version 2, which was committed at"));
  auto other = two_mugs_then_three();
  look(other, 3, 4, 3, with_lines({mugs(3)}, ms(1)));
  CHECK(says(judge(other), "has version 3, which is not in the log"));
}

TEST_CASE("stale is committed: a version is shown as its events made it") {
  auto h = two_mugs_then_three();
  look(h, 50, 60, 1, with_lines({mugs(3)}, ms(0)));
  CHECK(says(judge(h), "has version 1 and another state than its events give"));
}

TEST_CASE("stale is committed: a process does not go back, another one may") {
  auto h = two_mugs_then_three();
  look(h, 10, 20, 2, with_lines({mugs(3)}, ms(1)));
  look(h, 15, 30, 1, with_lines({mugs(2)}, ms(0)));  // while the first was under way
  CHECK_MESSAGE(judge(h).empty(), text_of(judge(h)));
  look(h, 40, 50, 1, with_lines({mugs(2)}, ms(0)), 2);
  CHECK_MESSAGE(judge(h).empty(), text_of(judge(h)));
  look(h, 40, 50, 1, with_lines({mugs(2)}, ms(0)));
  CHECK(says(judge(h), "has version 1, and the same process had shown version 2"));
}

}  // namespace bv::sim::testing
