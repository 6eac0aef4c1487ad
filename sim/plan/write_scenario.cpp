#include "sim/plan/write_scenario.hpp"

#include <algorithm>
#include <utility>

#include "sim/plan/format.hpp"
#include "sim/plan/read_faults.hpp"
#include "sim/plan/table_writer.hpp"

namespace bv::sim {
namespace {

using line = table_writer::line;
using lines = std::vector<line>;

template <class T, class Describe>
lines all_lines(T& of, const Describe& describe) {
  table_writer writer;
  describe(writer, of);
  return writer.lines();
}

/// What of a struct is not as in `usual`.
template <class T, class Describe>
lines lines_of(T& of, T usual, const Describe& describe) {
  const auto full = all_lines(of, describe), plain = all_lines(usual, describe);
  lines differing;
  for (std::size_t i = 0; i < full.size(); ++i)
    if (full[i].always || full[i].text != plain[i].text) differing.push_back(full[i]);
  return differing;
}

constexpr auto usual_way = [](auto& fields, auto& of) { format::describe(fields, of); };

template <class T>
lines lines_of(T& of) {
  return lines_of(of, T{}, usual_way);
}

void append(lines& to, lines more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }

std::string block(const std::string& head, const lines& keys) {
  std::string out = "\n" + head + "\n";
  for (const auto& each : keys) out += each.key + " = " + each.text + "\n";
  return out;
}

std::string section(const std::string& head, const lines& keys) { return keys.empty() ? "" : block(head, keys); }

std::string inline_table(const lines& keys) {
  std::string out;
  for (const auto& each : keys) out += (out.empty() ? "" : ", ") + each.key + " = " + each.text;
  return "{ " + out + " }";
}

/// The key that tells what a step does, and what it can't do without, stand even if they are as by default.
lines step_lines(client_step& of) {
  return std::visit(
      [](auto& step) {
        auto keys = all_lines(step, usual_way);
        const auto differing = lines_of(step);
        const auto needed = [&](const line& each) {
          return &each == &keys.front() || each.key == "command" || each.key == "path" || each.key == "in" ||
                 std::any_of(differing.begin(), differing.end(), [&](const line& other) { return other.key == each.key; });
        };
        lines kept;
        for (const auto& each : keys)
          if (needed(each)) kept.push_back(each);
        return kept;
      },
      of);
}

std::string client_block(client_script& of) {
  auto text = block("[[client]]", lines_of(of));
  if (of.steps.empty()) return text;
  text += "steps = [\n";
  for (auto& each : of.steps) text += "  " + inline_table(step_lines(each)) + ",\n";
  return text + "]\n";
}

lines trigger_lines(trigger& of) {
  table_writer writer;
  if (of.at) writer.time("at", *of.at);
  lines keys = writer.lines();
  if (of.on_event) append(keys, lines_of(*of.on_event));
  if (of.on_write) {
    auto written = all_lines(*of.on_write, usual_way);
    append(keys, std::move(written));
  }
  if (of.then_after != duration{}) {
    table_writer after;
    after.time("after", of.then_after);
    append(keys, after.lines());
  }
  return keys;
}

std::string fault_block(fault& of) {
  const auto kind = of.what.index();
  lines keys{{"do", table_writer::quoted(format::fault_kinds[kind])}};
  append(keys, trigger_lines(of.when));
  if (of.node != 0) {
    table_writer node;
    node.node("node", of.node);
    append(keys, node.lines());
  }
  auto usual = make_fault(kind);
  std::visit(
      [&](auto& action) {
        append(keys, lines_of(action, std::get<std::decay_t<decltype(action)>>(usual), usual_way));
      },
      of.what);
  return block("[[fault]]", keys);
}

std::string head_text(const plan& of, const file_head& head) {
  lines keys{{"name", table_writer::quoted(of.scenario)}};
  if (!head.about.empty()) keys.push_back({"about", table_writer::quoted(head.about)});
  keys.push_back({"seeds", table_writer::quoted(std::to_string(of.seed))});
  if (!head.expected.violation.empty())
    keys.push_back({"expect_violation", table_writer::quoted(head.expected.violation)});
  if (!of.invariants.empty()) keys.push_back({"invariants", table_writer::list(of.invariants)});
  std::string text;
  for (const auto& each : keys) text += each.key + " = " + each.text + "\n";
  return text;
}

std::string clock_blocks(plan& of) {
  std::string text;
  for (std::size_t i = 0; i < of.clocks.size(); ++i) {
    lines keys{{"node", table_writer::quoted("n" + std::to_string(i + 1))}};
    append(keys, lines_of(of.clocks[i]));
    text += block("[[clock]]", keys);
  }
  return text;
}

}  // namespace

std::string write_scenario(plan what, const file_head& head) {
  auto text = head_text(what, head);
  text += section("[world]", lines_of(what, plan{}, [](auto& fields, auto& of) { format::describe_world(fields, of); }));
  text += section("[limits]", lines_of(what.bounds));
  text += section("[network]", lines_of(what.network));
  text += section("[processor]", lines_of(what.processor));
  text += section("[patience]", lines_of(what.clients_patience));
  text += section("[phases]", lines_of(what.time));
  text += clock_blocks(what);
  for (auto& each : what.shelves) text += block("[[shelf]]", lines_of(each));
  for (auto& each : what.clients) text += client_block(each);
  for (auto& each : what.faults) text += fault_block(each);
  for (auto& each : what.expectations) text += block("[[expect]]", lines_of(each));
  return text;
}

}  // namespace bv::sim
