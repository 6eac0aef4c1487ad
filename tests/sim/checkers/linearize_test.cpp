// The search is compared with one that tries every order of every choice of operations.
#include <doctest/doctest.h>

#include <functional>

#include "actors/runtime/random.hpp"
#include "sim/checkers/linearize.hpp"
#include "sim/checkers/models.hpp"

namespace bv::sim {
namespace {

using runtime::random_source;
using verdict = linearization::verdict;

constexpr std::size_t plenty = 1'000'000;

/// A register that can be written, read, and compared and set.
struct register_model {
  using state = int;
  struct operation {
    std::optional<int> expected;  ///< it holds this …
    std::optional<int> written;   ///< … and then that
  };
  static std::optional<int> step(int now, const operation& what) {
    if (what.expected && *what.expected != now) return std::nullopt;
    return what.written.value_or(now);
  }
  static bool only_looks(const operation& what) { return !what.written; }
  static std::uint64_t hash(int of) { return static_cast<std::uint64_t>(of); }
};

template <class Model>
using history_of = std::vector<timed_operation<typename Model::operation>>;

template <class Model>
verdict search(const history_of<Model>& all) {
  return linearizer<Model>(all, {}, plenty).decide().says;
}

/// Whether any order of the operations that must, and of some that may have happened, is a run of the model.
template <class Model>
bool some_order(const history_of<Model>& all, std::uint32_t happened, const typename Model::state& now) {
  bool complete = true;
  for (std::size_t i = 0; i < all.size(); ++i) complete = complete && (!all[i].returned || (happened >> i & 1));
  if (complete) return true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (happened >> i & 1) continue;
    bool first = true;  // nobody who has not happened yet returned before it was called
    for (std::size_t j = 0; j < all.size(); ++j)
      if (!(happened >> j & 1) && all[j].returned && *all[j].returned < all[i].called) first = false;
    if (!first) continue;
    if (const auto then = Model::step(now, all[i].what); then && some_order<Model>(all, happened | 1u << i, *then)) return true;
  }
  return false;
}

/// Compares the two on random histories: operations of a run of the model, with intervals around the moments at which
/// they happened, some of which act on a stale state. Returns how many were linearizable.
template <class Model>
int compare(int histories, std::uint64_t seed,
            const std::function<std::optional<typename Model::operation>(random_source&, const typename Model::state&)>& draw) {
  random_source lots(seed);
  int good = 0;
  for (int round = 0; round < histories; ++round) {
    history_of<Model> all;
    typename Model::state now{}, before{};
    const auto size = 2 + lots.below(5);
    const auto width = 1 + lots.below(30);
    for (std::uint64_t i = 0; i < size; ++i) {
      const bool stale = lots.below(4) == 0;
      auto what = draw(lots, stale ? before : now);
      if (!what) continue;
      auto then = Model::step(now, *what);
      const auto at = static_cast<std::int64_t>(10 * i + lots.below(12));
      const timestamp called{at - static_cast<std::int64_t>(lots.below(width))}, returned{at + static_cast<std::int64_t>(lots.below(width))};
      const bool heard = lots.below(6) > 0;
      all.push_back({*std::move(what), called, heard ? std::optional(returned) : std::nullopt});
      if (then && (heard || lots.below(2) == 0)) before = std::exchange(now, *then);
    }
    const bool expected = some_order<Model>(all, 0, {});
    REQUIRE(search<Model>(all) == (expected ? verdict::linearizable : verdict::violated));
    good += expected ? 1 : 0;
  }
  return good;
}

TEST_CASE("linearize: agrees with trying every order, for a register") {
  const auto draw = [](random_source& lots, int now) -> std::optional<register_model::operation> {
    const auto value = static_cast<int>(lots.below(3));
    switch (lots.below(3)) {
      case 0: return register_model::operation{now, std::nullopt};
      case 1: return register_model::operation{std::nullopt, value};
      default: return register_model::operation{now, value};
    }
  };
  const auto good = compare<register_model>(10'000, 1, draw);
  CHECK(good > 2'000);
  CHECK(good < 9'500);
}

TEST_CASE("linearize: agrees with trying every order, for versions") {
  const auto draw = [](random_source& lots, std::uint64_t now) -> std::optional<version_model::operation> {
    const auto off = lots.below(4) == 0 ? lots.below(2) : 0;
    return version_model::operation{now + off, now + off + lots.below(3)};
  };
  const auto good = compare<version_model>(10'000, 2, draw);
  CHECK(good > 2'000);
  CHECK(good < 9'500);
}

TEST_CASE("linearize: agrees with trying every order, for carts") {
  using namespace commerce::cart;
  const auto draw = [](random_source& lots, const cart_model::state& now) -> std::optional<cart_model::operation> {
    const std::string sku(1, static_cast<char>('A' + lots.below(2)));
    const std::array<commerce::cart::command, 6> wishes{
        add_item{sku, static_cast<std::uint32_t>(1 + lots.below(6))}, set_quantity{sku, 3}, remove_item{sku}, clear{},
        checkout{"O"}, reopen_after_checkout{"O"}};
    const auto pick = lots.below(wishes.size() + 2);
    if (pick == wishes.size()) return cart_model::view{now};
    if (pick > wishes.size()) return cart_model::record{now.version + 1, {cleared{}}};
    const auto& asked = wishes[pick];
    const auto then = cart_model::step(now, cart_model::command{asked, cart_model::unheard{}});
    if (lots.below(4) == 0) return cart_model::command{asked, cart_model::unheard{}};
    if (!then) return cart_model::command{asked, cart_model::refused{now.checking_out.empty() ? "item_limit" : "cart_checking_out"}};
    return cart_model::command{asked, cart_model::accepted{then->version, then->version - now.version}};
  };
  const auto good = compare<cart_model>(10'000, 3, draw);
  CHECK(good > 2'000);
  CHECK(good < 9'500);
}

// --- By hand ---------------------------------------------------------------------------------------------------------------

timed_operation<register_model::operation> write(int value, std::int64_t from, std::int64_t to) {
  return {{std::nullopt, value}, {from}, timestamp{to}};
}
timed_operation<register_model::operation> read(int value, std::int64_t from, std::int64_t to) {
  return {{value, std::nullopt}, {from}, timestamp{to}};
}

TEST_CASE("linearize: nothing happened, and that is fine") { CHECK(search<register_model>({}) == verdict::linearizable); }

TEST_CASE("linearize: a read sees a write that it overlaps, or not") {
  CHECK(search<register_model>({write(1, 0, 10), read(1, 5, 6)}) == verdict::linearizable);
  CHECK(search<register_model>({write(1, 0, 10), read(0, 5, 6)}) == verdict::linearizable);
}

TEST_CASE("linearize: what was seen once is not unseen") {
  const auto found = linearizer<register_model>({write(1, 0, 10), read(1, 2, 3), read(0, 4, 5)}, 0, plenty).decide();
  CHECK(found.says == verdict::violated);
  CHECK(found.stuck == 2);
}

TEST_CASE("linearize: a stale read after the write returned is found") {
  CHECK(search<register_model>({write(1, 0, 10), read(0, 11, 12)}) == verdict::violated);
  CHECK(search<register_model>({write(1, 0, 10), read(0, 10, 12)}) == verdict::linearizable);  // they touch: they overlap
}

TEST_CASE("linearize: what nobody heard of may happen late, or never, but not before its call") {
  auto lost = write(1, 5, 0);
  lost.returned.reset();
  CHECK(search<register_model>({lost, read(0, 10, 11), read(1, 20, 21)}) == verdict::linearizable);
  CHECK(search<register_model>({lost, read(0, 10, 11)}) == verdict::linearizable);
  CHECK(search<register_model>({lost, read(1, 10, 11), read(0, 20, 21)}) == verdict::violated);
  CHECK(search<register_model>({lost, read(1, 1, 2)}) == verdict::violated);
}

TEST_CASE("linearize: a write that changes nothing now may be what is needed later") {
  CHECK(search<register_model>({write(0, 0, 100), write(1, 10, 20), read(0, 30, 40)}) == verdict::linearizable);
}

TEST_CASE("linearize: views that overlap are not tried in every order") {
  history_of<register_model> all;
  for (int i = 0; i < 30; ++i) all.push_back(read(0, 0, 100));
  all.push_back(read(99, 0, 100));
  const auto found = linearizer<register_model>(all, 0, plenty).decide();
  CHECK(found.says == verdict::violated);
  CHECK(found.configurations == 30);
}

TEST_CASE("linearize: a set of operations looks the same however it came about") {
  constexpr std::size_t operations = 200;
  random_source lots(5);
  effect_set walked(operations);
  std::vector<bool> members(operations);
  for (int round = 0; round < 20'000; ++round) {
    // Mostly full from the front, as a search leaves it.
    const auto one = lots.below(operations);
    const bool in = lots.below(operations) >= one / 2;
    if (members[one] != in) in ? walked.set(one) : walked.clear(one);
    members[one] = in;
    if (round % 10 > 0) continue;
    effect_set fresh(operations);
    for (std::size_t i = operations; i-- > 0;)
      if (members[i]) fresh.set(i);
    REQUIRE(walked.compact() == fresh.compact());
  }
  effect_set without(operations);
  for (std::size_t i = 0; i < operations; ++i) {
    auto before = without.compact();
    without.set(i);
    REQUIRE(without.compact() != before);
  }
}

TEST_CASE("linearize: a search that would take too long says so") {
  // Writes that all overlap, and a read of what none of them wrote: every order is tried.
  history_of<register_model> all;
  for (int i = 1; i <= 20; ++i) all.push_back(write(i, 0, 100));
  all.push_back(read(99, 0, 100));
  CHECK(linearizer<register_model>(all, 0, 1000).decide().says == verdict::undecided);
}

TEST_CASE("linearize: a long history of one entity needs about one configuration an operation") {
  constexpr std::int64_t length = 100'000;
  history_of<register_model> all;
  for (std::int64_t i = 0; i < length; ++i)
    all.push_back(i % 2 == 0 ? write(static_cast<int>(i), 10 * i, 10 * i + 25) : read(static_cast<int>(i - 1), 10 * i, 10 * i + 5));
  const auto found = linearizer<register_model>(all, 0, plenty).decide();
  CHECK(found.says == verdict::linearizable);
  CHECK(found.configurations < 2 * length);
}

}  // namespace
}  // namespace bv::sim
