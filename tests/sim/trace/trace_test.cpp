#include "sim/trace/trace.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>

using namespace bv;
using namespace bv::sim;

namespace {

constexpr trace::options keep_nothing{};
constexpr trace::options keep_lines{.keep = true};
constexpr trace::options keep_all{.keep = true, .keep_turns = true};

/// A little of everything.
trace example(trace::options chosen) {
  trace of(chosen);
  of.add({1'000}, trace_kind::client, "client ada", "asks cart/ada addItem");
  of.turn({2'000}, 0, 17);
  of.turn({2'000}, 1, 17);
  of.add({3'000}, trace_kind::commit, "n1/shard 3", "cart/ada itemAdded");
  of.add({3'000}, trace_kind::fault, "n1", "crash");
  return of;
}

std::string hash_of(timestamp at, trace_kind kind, std::string_view where, std::string_view what) {
  trace of(keep_nothing);
  of.add(at, kind, where, what);
  return of.hash();
}

}  // namespace

TEST_CASE("trace: the hash is the same in every process and every build") {
  // Written down once: whoever changes how the hash is made changes these, and every hash that people kept.
  CHECK(trace(keep_nothing).hash() == "10dc5f6521479318b457ce9221e6cef4");
  CHECK(example(keep_nothing).hash() == "2a5551440125879e598ce46d1ba4be5b");
}

TEST_CASE("trace: the hash does not depend on what is kept") {
  const auto hash = example(keep_nothing).hash();
  CHECK(example(keep_lines).hash() == hash);
  CHECK(example(keep_all).hash() == hash);
  CHECK(example({.keep = true, .lines_max = 1}).hash() == hash);
}

TEST_CASE("trace: everything that a line says is in the hash") {
  const std::set<std::string> hashes{
      hash_of({1}, trace_kind::node, "n1", "up"),  hash_of({2}, trace_kind::node, "n1", "up"),
      hash_of({1}, trace_kind::fault, "n1", "up"), hash_of({1}, trace_kind::node, "n2", "up"),
      hash_of({1}, trace_kind::node, "n1", "u"),   hash_of({1}, trace_kind::node, "n1u", "p"),
      hash_of({1}, trace_kind::node, "up", "n1"),  trace(keep_nothing).hash()};
  CHECK(hashes.size() == 8);
}

TEST_CASE("trace: time, node, actor, order and number of turns are in the hash") {
  std::set<std::string> hashes;
  const auto with = [&](auto... turns) {
    trace of(keep_nothing);
    (of.turn({turns[0]}, static_cast<std::uint16_t>(turns[1]), static_cast<std::uint64_t>(turns[2])), ...);
    hashes.insert(of.hash());
  };
  using turn = std::array<std::int64_t, 3>;
  const turn first{0, 0, 0}, later{1, 0, 0}, elsewhere{0, 1, 0}, another{0, 0, 1};
  with();
  with(first);
  with(first, first);
  with(later);
  with(elsewhere);
  with(another);
  with(first, later);
  with(later, first);
  with(elsewhere, another);
  with(another, elsewhere);
  CHECK(hashes.size() == 10);
}

TEST_CASE("trace: many turns in a row give as many hashes") {
  trace of(keep_nothing);
  std::set<std::string> hashes;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    of.turn({0}, 0, 0);
    hashes.insert(of.hash());
  }
  CHECK(hashes.size() == 10'000);
}

TEST_CASE("trace: keeps lines without turns, with turns, or nothing") {
  CHECK(example(keep_nothing).lines().empty());
  CHECK(example(keep_nothing).dropped_lines() == 0);

  const auto lines = example(keep_lines);
  REQUIRE(lines.lines().size() == 3);
  CHECK(lines.lines()[1].where == "n1/shard 3");
  CHECK(lines.lines()[1].what == "cart/ada itemAdded");
  CHECK(lines.lines()[1].kind == trace_kind::commit);
  CHECK(lines.lines()[1].at == timestamp{3'000});

  const auto all = example(keep_all);
  REQUIRE(all.lines().size() == 5);
  CHECK(all.lines()[2].where == "n2");
  CHECK(all.lines()[2].what == "actor 17");
  CHECK(all.lines()[2].kind == trace_kind::turn);
}

TEST_CASE("trace: lines beyond the bound are counted") {
  const auto of = example({.keep = true, .keep_turns = true, .lines_max = 2});
  CHECK(of.lines().size() == 2);
  CHECK(of.dropped_lines() == 3);
}

TEST_CASE("trace: each kind has a name of its own") {
  std::set<std::string_view> names;
  for (auto kind = 0; kind <= static_cast<int>(trace_kind::check); ++kind) {
    names.insert(to_string(static_cast<trace_kind>(kind)));
  }
  CHECK(names.size() == 9);
  CHECK_FALSE(names.contains("unknown"));
}
