#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"
#include "sim/plan/write_scenario.hpp"
#include "sim/record/record.hpp"
#include "sim/record/store_source.hpp"
#include "sim/record/story.hpp"
#include "sim/run/run.hpp"
#include "tests/storage/worlds.hpp"

/// A run on real files, so that a saga of it can be recorded from its disk as from a node of production.
namespace bv::sim::testing {

template <class T>
T must(result<T> made) {
  const auto problem = made ? std::string() : describe(made.error());
  REQUIRE_MESSAGE(made.has_value(), problem);
  return *std::move(made);
}

inline plan shipped_plan(std::string_view name, std::uint64_t seed) {
  for (const auto& one : shipped_scenarios())
    if (one.name == name) return draw(must(read_scenario(one.text, std::string(one.file))), seed);
  FAIL("no such scenario");
  return {};
}

/// A plan as a scenario file gives it back.
inline plan through_a_file(const recording& of) {
  return draw(must(read_scenario(write_scenario(of.what, of.head), "recorded.toml")), of.what.seed);
}

class finished_run {
 public:
  explicit finished_run(plan what) : shards_(what.where.shards) {
    what.where.tier = storage_tier::rocks;
    const auto outcome = must(sim::run(what, {.tracing = {.keep = false}, .folder = folder_.path}));
    for (const auto& one : outcome.violations) broken_ += one.invariant + ": " + one.what + "\n";
    source_ = must(open_store_source(folder_.path + "/n1", shards_));
  }

  /// What it broke; empty if nothing.
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] event_source& source() { return *source_; }
  [[nodiscard]] story story_of(const std::string& saga) { return must(read_story(*source_, saga)); }
  /// Those whose ids begin so.
  [[nodiscard]] std::vector<std::string> sagas(std::string_view prefix) {
    auto all = must(source_->sagas_like(std::string(prefix)));
    std::erase_if(all, [&](const std::string& one) { return !one.starts_with(prefix); });
    return all;
  }

 private:
  storage::scratch_folder folder_;
  std::uint16_t shards_;
  std::string broken_;
  std::unique_ptr<event_source> source_;
};

}  // namespace bv::sim::testing
