#include "sim/plan/read_plan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "sim/plan/format.hpp"
#include "sim/plan/read_faults.hpp"
#include "sim/plan/table_reader.hpp"

namespace bv::sim {
namespace {

/// Reads the table `key`, or an empty one: a default may be drawn too.
template <class Read>
void section(table_reader& root, std::string_view key, const Read& read) {
  const table empty;
  auto found = root.inner(key);
  table_reader keys = found ? std::move(*found) : table_reader(empty, root.where(), root.path() + "/" + std::string(key), root.all());
  read(keys);
  keys.finish("[" + std::string(key) + "]");
}

void require(table_reader& block, std::string_view key, const std::string& name) {
  if (!block.has(key)) block.complain(block.where(), name + " must have a key \"" + std::string(key) + "\"");
}

void read_head(table_reader& root, scenario& head, plan& drawn) {
  require(root, "name", "a scenario");
  head.name = root.literal("name").value_or("");
  head.about = root.literal("about").value_or("");
  if (const auto text = root.literal("seeds")) {
    if (const auto seeds = parse_seeds(*text))
      head.seeds = *seeds;
    else
      root.complain(root.place_of("seeds"), seeds.error().message);
  }
  head.expected.violation = root.literal("expect_violation").value_or("");
  root.texts("invariants", drawn.invariants);
}

void read_exhaustive(table_reader& root, scenario& head) {
  if (!root.has("exhaustive")) return;
  if (root.literal("exhaustive") != "journal_writes")
    root.complain(root.place_of("exhaustive"), "\"exhaustive\" can only be \"journal_writes\"");
  std::vector<std::string> moments(format::write_moments.begin(), format::write_moments.end());
  root.texts("moments", moments);
  for (const auto& each : moments) {
    const auto found = std::find(format::write_moments.begin(), format::write_moments.end(), each);
    if (found == format::write_moments.end())
      root.complain(root.place_of("moments"), "there is no moment \"" + each + "\"; " + suggestion(each, format::write_moments));
    else
      head.crash_at_every_write.push_back(
          static_cast<trigger::write_moment>(found - format::write_moments.begin()));
  }
  if (moments.empty()) root.complain(root.place_of("moments"), "\"moments\" must name at least one of before, torn and after");
}

void read_clocks(table_reader& root, plan& drawn) {
  for (auto& block : root.blocks("clock")) {
    const auto path = block.path();
    const auto set = [&](std::size_t node) {
      block.move_to(path + "/" + std::to_string(node));
      if (drawn.clocks.size() <= node) drawn.clocks.resize(node + 1);
      format::describe(block, drawn.clocks[node]);
    };
    require(block, "node", "[[clock]]");
    if (block.literal("node") == "each") {
      for (std::size_t node = 0; node < drawn.where.nodes; ++node) set(node);
    } else {
      std::uint16_t node = 0;
      block.node("node", node);
      set(node);
    }
    block.finish("[[clock]]");
  }
}

void read_shelves(table_reader& root, plan& drawn) {
  for (auto& block : root.blocks("shelf")) {
    require(block, "sku", "[[shelf]]");
    std::uint32_t count = 0;
    block.number("count", count, 1, 10'000);
    shelf first;
    format::describe(block, first);
    if (count == 0) drawn.shelves.push_back(first);
    for (std::uint32_t i = 1; i <= count; ++i) {
      block.move_to("shelf/" + first.sku + "/" + std::to_string(i));
      shelf one;
      format::describe(block, one);
      one.sku = first.sku + "-" + std::to_string(i);
      drawn.shelves.push_back(std::move(one));
    }
    block.finish("[[shelf]]");
  }
}

template <class Step>
client_step read_step_as(table_reader& block) {
  Step step;
  format::describe(block, step);
  return step;
}

void read_step(table_reader& block, std::vector<client_step>& into) {
  constexpr std::array<std::string_view, 4> kinds{"ask", "view", "await", "wait"};
  constexpr std::array readers{read_step_as<ask_step>, read_step_as<view_step>, read_step_as<await_step>,
                               read_step_as<wait_step>};
  const auto given = std::count_if(kinds.begin(), kinds.end(), [&](auto kind) { return block.has(kind); });
  if (given != 1) return block.complain(block.where(), "a step has one of ask, view, await and wait");
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](auto each) { return block.has(each); }) - kinds.begin();
  if (kinds[kind] == "ask") require(block, "command", "an asking step");
  if (kinds[kind] == "await") {
    require(block, "path", "an awaiting step");
    require(block, "in", "an awaiting step");
  }
  into.push_back(readers[kind](block));
  block.finish("a step");
}

void read_clients(table_reader& root, plan& drawn) {
  for (auto& block : root.blocks("client")) {
    require(block, "name", "[[client]]");
    block.move_to("client/" + block.literal("name").value_or(""));
    client_script made;
    format::describe(block, made);
    for (auto& step : block.blocks("steps")) read_step(step, made.steps);
    drawn.clients.push_back(std::move(made));
    block.finish("[[client]]");
  }
}

void read_workload(table_reader& root, plan& drawn, std::uint64_t seed) {
  workload wanted;
  section(root, "workload", [&](table_reader& keys) {
    format::describe(keys, wanted);
    if (root.has("workload") && !root.has("shelf"))
      keys.complain(keys.where(), "[workload] needs at least one [[shelf]] to buy from");
  });
  if (wanted.users == 0 || drawn.shelves.empty()) return;
  for (auto& each : make_clients(wanted, drawn.shelves, drawn.where.nodes, seed)) drawn.clients.push_back(std::move(each));
}

void read_faults(table_reader& root, plan& drawn) {
  std::map<std::string, std::size_t> seen;
  for (auto& block : root.blocks("fault")) {
    require(block, "do", "[[fault]]");
    const auto name = block.literal("do");
    if (!name) continue;
    const auto kind = std::find(format::fault_kinds.begin(), format::fault_kinds.end(), *name);
    if (kind == format::fault_kinds.end()) {
      block.complain(block.place_of("do"), "there is no fault \"" + *name + "\"; " + suggestion(*name, format::fault_kinds));
      continue;
    }
    block.move_to("fault/" + *name + "/" + std::to_string(seen[*name]++));
    auto strikes = read_fault(block, static_cast<std::size_t>(kind - format::fault_kinds.begin()), drawn.time);
    std::move(strikes.begin(), strikes.end(), std::back_inserter(drawn.faults));
    block.finish("[[fault]] " + *name);
  }
}

void read_expectations(table_reader& root, plan& drawn) {
  for (auto& block : root.blocks("expect")) {
    for (const auto key : {"entity", "path", "in"}) require(block, key, "[[expect]]");
    format::describe(block, drawn.expectations.emplace_back());
    block.finish("[[expect]]");
  }
}

void in_order_of_the_file(std::vector<problem>& problems) {
  const auto order = [](const problem& of) { return std::tie(of.where.line, of.where.column, of.what); };
  std::sort(problems.begin(), problems.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  const auto same = [&](const auto& a, const auto& b) { return order(a) == order(b); };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

}  // namespace

read_file read_plan(const table& keys, std::uint64_t seed) {
  read_file made;
  reading all{seed, 1, {}, {}};
  table_reader root(keys, {}, "", all);
  plan& drawn = made.drawn;
  read_head(root, made.head, drawn);
  read_exhaustive(root, made.head);
  drawn.scenario = made.head.name;
  drawn.seed = seed;
  section(root, "world", [&](auto& table) { format::describe_world(table, drawn); });
  all.nodes = drawn.where.nodes;
  section(root, "limits", [&](auto& table) { format::describe(table, drawn.bounds); });
  section(root, "network", [&](auto& table) { format::describe(table, drawn.network); });
  section(root, "processor", [&](auto& table) { format::describe(table, drawn.processor); });
  section(root, "patience", [&](auto& table) { format::describe(table, drawn.clients_patience); });
  section(root, "phases", [&](auto& table) { format::describe(table, drawn.time); });
  read_clocks(root, drawn);
  read_shelves(root, drawn);
  read_clients(root, drawn);
  read_workload(root, drawn, seed);
  read_faults(root, drawn);
  read_expectations(root, drawn);
  root.finish("a scenario");
  in_order_of_the_file(all.problems);
  made.problems = std::move(all.problems);
  made.known = std::move(all.known);
  return made;
}

}  // namespace bv::sim
