#include "sim/hunt/ddmin.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace bv::sim;

namespace {

constexpr std::uint64_t plenty_of_trials = 1'000'000;

bool has(const subset& of, std::size_t element) { return std::binary_search(of.begin(), of.end(), element); }

/// Fails if all of these are there.
auto needs(const subset& wanted) {
  return [wanted](const subset& kept) {
    return std::includes(kept.begin(), kept.end(), wanted.begin(), wanted.end());
  };
}

}  // namespace

TEST_CASE("ddmin: finds the one element that a failure needs") {
  for (std::size_t wanted = 0; wanted < 50; ++wanted) {
    const auto found = ddmin(50, needs({wanted}), plenty_of_trials);
    CHECK(found.kept == subset{wanted});
    CHECK(found.minimal);
    CHECK(found.trials < 20);
  }
}

TEST_CASE("ddmin: finds elements that are needed together, wherever they are") {
  CHECK(ddmin(64, needs({0, 63}), plenty_of_trials).kept == subset{0, 63});
  CHECK(ddmin(1'000, needs({3, 500, 501, 998}), plenty_of_trials).kept == subset{3, 500, 501, 998});
}

TEST_CASE("ddmin: the paper's example: 8 elements of which 1, 7 and 8 are needed") {
  const auto found = ddmin(8, needs({0, 6, 7}), plenty_of_trials);
  CHECK(found.kept == subset{0, 6, 7});
  CHECK(found.minimal);
}

TEST_CASE("ddmin: nothing is needed, or nothing is there") {
  const auto nothing_needed = ddmin(100, needs({}), plenty_of_trials);
  CHECK(nothing_needed.kept.empty());
  CHECK(nothing_needed.trials == 1);

  const auto nothing_there = ddmin(0, needs({}), plenty_of_trials);
  CHECK(nothing_there.kept.empty());
  CHECK(nothing_there.trials == 0);
  CHECK(nothing_there.minimal);
}

TEST_CASE("ddmin: everything is needed") {
  const auto found = ddmin(4, needs({0, 1, 2, 3}), plenty_of_trials);
  CHECK(found.kept == subset{0, 1, 2, 3});
  CHECK(found.minimal);
  CHECK(ddmin(1, needs({0}), plenty_of_trials).kept == subset{0});
}

TEST_CASE("ddmin: keeps to its bound and gives the best so far, which fails") {
  const auto enough = ddmin(100, needs({10, 50, 90}), plenty_of_trials).trials;
  CHECK(enough < 100);
  for (std::uint64_t bound = 0; bound < 100; ++bound) {
    std::uint64_t asked = 0;
    const auto fails = [&](const subset& kept) {
      ++asked;
      return has(kept, 10) && has(kept, 90) && has(kept, 50);
    };
    const auto found = ddmin(100, fails, bound);
    CHECK(asked <= bound);
    CHECK(found.trials == asked);
    CHECK(needs({10, 50, 90})(found.kept));
    CHECK(found.minimal == (bound >= enough));
  }
}

TEST_CASE("ddmin: takes few trials if little is needed and at most about n²/2 otherwise") {
  CHECK(ddmin(1'000, needs({123, 777}), plenty_of_trials).trials < 150);
  subset odd;
  for (std::size_t i = 1; i < 100; i += 2) odd.push_back(i);
  CHECK(ddmin(100, needs(odd), plenty_of_trials).trials < 1'000);
}

TEST_CASE("ddmin: what is kept is 1-minimal for any predicate, and no subset is tried twice") {
  CHECK(rc::check([] {
    const auto n = *rc::gen::inRange<std::size_t>(0, 24);
    const auto salt = *rc::gen::arbitrary<std::uint32_t>();
    // As wild as a predicate can be: each subset but the whole fails or not by chance, one in eight.
    const auto fails = [&](const subset& kept) {
      std::uint64_t mixed = (salt + 1ULL) * 0x9fb21c651e98df25;
      for (const auto i : kept) mixed = (mixed ^ i) * 0x9fb21c651e98df25 + 1;
      return kept.size() == n || mixed >> 61 == 0;
    };
    std::set<subset> tried;
    const auto watched = [&](const subset& kept) {
      RC_ASSERT(std::is_sorted(kept.begin(), kept.end()));
      RC_ASSERT(tried.insert(kept).second);
      return fails(kept);
    };
    const auto found = ddmin(n, watched, plenty_of_trials);
    RC_ASSERT(found.minimal);
    RC_ASSERT(fails(found.kept));
    for (std::size_t i = 0; i < found.kept.size(); ++i) {
      auto smaller = found.kept;
      smaller.erase(smaller.begin() + static_cast<std::ptrdiff_t>(i));
      RC_ASSERT(!fails(smaller));
    }
  }));
}
