#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/plan/check_scenario.hpp"
#include "sim/plan/draw.hpp"
#include "sim/plan/format.hpp"
#include "sim/plan/read_plan.hpp"
#include "sim/plan/table_writer.hpp"
#include "tests/sim/plan/shop.hpp"

using namespace bv::sim;

namespace {

const std::string& reference() {
  static const std::string text = [] {
    std::ifstream file(BV_SOURCE_ROOT "/docs/scenarios.md");
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }();
  return text;
}

/// From the heading to the next one of its rank or above; lines of code are no headings.
std::string section(const std::string& heading) {
  const auto begin = reference().find("\n" + heading + "\n");
  if (begin == std::string::npos) return "";
  const auto end = reference().find("\n## ", begin + heading.size());
  return reference().substr(begin, end - begin);
}

/// The line of a table that is about a key.
std::string row(const std::string& in, const std::string& key) {
  const auto begin = in.find("\n| `" + key + "` |");
  return begin == std::string::npos ? "" : in.substr(begin + 1, in.find('\n', begin + 1) - begin);
}

/// A file with everything in it that a reader can meet.
std::string everything() {
  std::string text = "name = \"x\"\nexhaustive = \"journal_writes\"\n"
                     "[[clock]]\nnode = \"n1\"\n[[shelf]]\nsku = \"S\"\n[[expect]]\nentity = \"a/b\"\npath = \"c\"\nin = []\n"
                     "[[client]]\nname = \"c\"\nsteps = [{ ask = \"a/b\", command = \"c\" }, { view = \"a/b\" },\n"
                     "{ await = \"a/b\", path = \"c\", in = [] }, { wait = \"1s\" }]\n";
  for (const auto kind : format::fault_kinds)
    text += "[[fault]]\ndo = \"" + std::string(kind) + "\"\nbetween = [\"clients\", \"n1\"]\n";
  return text + "[[fault]]\ndo = \"crash\"\non = \"a.b\"\n[[fault]]\ndo = \"crash\"\non_write = 1\n"
                "[[fault]]\ndo = \"crash\"\nwhen = { saga = \"checkout\", done = \"fulfil\" }\n";
}

std::string heading_of(const std::string& table) {
  if (table == "a scenario") return "## The head";
  if (table == "a step") return "## `[[client]]`";
  if (table.starts_with("[[fault]]") || table == "\"when\"") return "## `[[fault]]`";
  return "## `" + table + "`";
}

/// What the reference says of the defaults of a struct.
template <class T>
void check_defaults(const std::string& heading, T of, std::string_view but_for = {}) {
  table_writer writer;
  format::describe(writer, of);
  for (const auto& each : writer.lines()) {
    if (each.key == but_for) continue;
    CAPTURE(each.key);
    CHECK(row(section(heading), each.key).starts_with("| `" + each.key + "` | `" + each.text + "` |"));
  }
}

}  // namespace

TEST_CASE("documentation: every key that the reader knows is named under its table") {
  const auto source = parse_document(everything(), "x.toml");
  REQUIRE(source.problems.empty());
  const auto known = read_plan(std::get<table>(source.root.is), 1).known;
  CHECK(known.size() > 150);
  for (const auto& [table, key] : known) {
    CAPTURE(table);
    CAPTURE(key);
    const auto under = section(heading_of(table));
    REQUIRE_FALSE(under.empty());
    const bool is_named = under.find("`" + key + "`") != std::string::npos ||
                          under.find("`[" + key + "]`") != std::string::npos ||
                          under.find("`[[" + key + "]]`") != std::string::npos ||
                          (table == "\"when\"" && under.find(key + " = ") != std::string::npos);
    CHECK(is_named);
  }
}

TEST_CASE("documentation: the defaults are those of the code") {
  check_defaults("## `[limits]`", bv::runtime::limits{});
  check_defaults("## `[network]`", link_conditions{});
  check_defaults("## `[processor]`", bv::commerce::processor_options{}, "seed");
  check_defaults("## `[patience]`", patience{});
  check_defaults("## `[phases]`", phases{});
  check_defaults("## `[[clock]]`", clock_setting{});
  check_defaults("## `[[shelf]]`", shelf{}, "sku");
  check_defaults("## `[workload]`", workload{});
  check_defaults("## `[[client]]`", client_script{}, "name");
  plan any;
  table_writer world;
  format::describe_world(world, any);
  for (const auto& each : world.lines()) {
    CAPTURE(each.key);
    CHECK(row(section("## `[world]`"), each.key).starts_with("| `" + each.key + "` | `" + each.text + "` |"));
  }
}

TEST_CASE("documentation: every kind of fault has its row") {
  for (const auto kind : format::fault_kinds) {
    CAPTURE(kind);
    CHECK_FALSE(row(section("## `[[fault]]`"), std::string(kind)).empty());
  }
}

TEST_CASE("documentation: the example is a scenario that the shop can follow") {
  const std::string fence = "\n```toml\n";
  const auto begin = reference().find(fence);
  REQUIRE(begin != std::string::npos);
  const auto text = reference().substr(begin + fence.size(), reference().find("\n```\n", begin) - begin - fence.size());
  const auto read = read_scenario(text, "example.toml");
  if (!read) FAIL(read.error().message);
  for (std::uint64_t seed = read->seeds.first; seed <= read->seeds.last; ++seed)
    for (const auto& wrong : check_scenario(draw(*read, seed), shop())) FAIL(bv::describe(wrong));
}
