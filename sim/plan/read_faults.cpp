#include "sim/plan/read_faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/plan/format.hpp"
#include "sim/plan/saga_steps.hpp"

namespace bv::sim {
namespace {

/// Of one block in one run; a block that asks for more has a gap that is too short.
constexpr std::size_t strikes_max = 10'000;
constexpr duration gap_min = std::chrono::milliseconds{1};

constexpr std::array<std::string_view, 5> trigger_keys{"at", "every", "on", "when", "on_write"};

duration whole_milliseconds(const span& between, runtime::random_source chance) {
  const auto steps = static_cast<std::uint64_t>((between.max - between.min) / gap_min);
  return between.min + gap_min * static_cast<std::int64_t>(chance.below(steps + 1));
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

/// `when = { saga = "checkout", done = "reserve stock" }` is short for the event of that step.
trigger::event_match read_when(table_reader block, std::uint32_t nth) {
  trigger::event_match match;
  match.nth = nth;
  const auto saga = block.literal("saga"), done = block.literal("done"), undone = block.literal("undone");
  block.finish("\"when\"");
  const auto known = saga_names();
  if (!saga || done.has_value() == undone.has_value()) {
    block.complain(block.where(), "\"when\" is { saga = \"checkout\", done = \"reserve stock\" }, or undone instead of done");
    return match;
  }
  const auto steps = saga_steps(*saga);
  if (steps.empty()) {
    block.complain(block.place_of("saga"), "there is no saga \"" + *saga + "\"; " + suggestion(*saga, views(known)));
    return match;
  }
  const auto& step = done ? *done : *undone;
  const auto found = std::find(steps.begin(), steps.end(), step);
  if (found == steps.end())
    block.complain(block.place_of(done ? "done" : "undone"),
                   "saga " + *saga + " has no step \"" + step + "\"; " + suggestion(step, views(steps)));
  match.type = done ? "saga.stepDone" : "saga.stepUndone";
  match.id_prefix = *saga + "-";
  match.field = "step";
  match.value = std::to_string(found - steps.begin());
  return match;
}

/// All but `every`, of which the caller makes times.
trigger read_trigger(table_reader& block, std::size_t kind, const phases& time) {
  trigger when;
  if (block.has("on")) {
    format::describe(block, when.on_event.emplace());
  } else if (block.has("when")) {
    std::uint32_t nth = 1;
    block.number("nth", nth, 1, format::count_max);
    if (auto table = block.inner("when")) when.on_event = read_when(std::move(*table), nth);
  } else if (block.has("on_write")) {
    format::describe(block, when.on_write.emplace());
    const auto name = format::fault_kinds[kind];
    if (name != "crash" && name != "disk_full" && name != "disk_error")
      block.complain(block.place_of("on_write"), "only crash, disk_full and disk_error can strike on a journal write");
  } else if (!block.has("every")) {
    when.at = whole_milliseconds({time.warm_up, time.warm_up + time.chaos}, block.all().chance(block.path() + "/at/chaos"));
    block.time("at", *when.at);
  }
  block.time("after", when.then_after);
  return when;
}

fault read_one(table_reader& block, std::size_t kind, trigger when) {
  fault made{std::move(when), 0, make_fault(kind)};
  block.node("node", made.node, true);
  if (made.node == the_leader && made.when.on_write)
    block.complain(block.place_of("on_write"), "only the writes of one node can be counted, not of whoever leads");
  std::visit([&](auto& action) { format::describe(block, action); }, made.what);
  return made;
}

std::vector<fault> strike_again_and_again(table_reader& block, std::size_t kind, const trigger& when, const span& gap,
                                          const phases& time) {
  std::vector<fault> all;
  const auto path = block.path();
  auto at = time.warm_up;
  for (std::size_t i = 0; i < strikes_max; ++i) {
    block.move_to(path + "/" + std::to_string(i));
    at += whole_milliseconds(gap, block.all().chance(block.path() + "/gap"));
    if (at >= time.warm_up + time.chaos) break;
    auto then = when;
    then.at = at;
    all.push_back(read_one(block, kind, std::move(then)));
  }
  return all;
}

template <std::size_t... Kinds>
fault_action fault_of_kind(std::size_t kind, std::index_sequence<Kinds...>) {
  fault_action made;
  (void)((Kinds == kind && (made.emplace<Kinds>(), true)) || ...);
  return made;
}

}  // namespace

fault_action make_fault(std::size_t kind) {
  return fault_of_kind(kind, std::make_index_sequence<std::variant_size_v<fault_action>>());
}

std::vector<fault> read_fault(table_reader& block, std::size_t kind, const phases& time) {
  if (std::count_if(trigger_keys.begin(), trigger_keys.end(), [&](std::string_view key) { return block.has(key); }) > 1)
    block.complain(block.where(), "a fault has one of at, every, on, when and on_write");
  double probability = 1;
  block.real("probability", probability, 0, 1);
  const bool strikes = block.all().chance(block.path() + "/strikes").fraction() < probability;

  span gap{gap_min, gap_min};
  block.between("every", gap, gap_min);
  const auto when = read_trigger(block, kind, time);
  // Read once whether or not it strikes: what is wrong with it is wrong for every seed.
  std::vector<fault> all{read_one(block, kind, when)};
  if (block.has("every")) all = strike_again_and_again(block, kind, when, gap, time);
  if (!strikes) all.clear();
  return all;
}

}  // namespace bv::sim
