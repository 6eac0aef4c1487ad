#include "tools/sim/find_scenario.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "protocols/schema/nearest.hpp"
#include "sim/plan/check_scenario.hpp"
#include "sim/plan/draw.hpp"
#include "sim/plan/shipped.hpp"
#include "sim/world/shop_contracts.hpp"

namespace bv::tools {
namespace {

result<sim::scenario> read(std::string_view text, const std::string& file) {
  BV_ASSIGN(auto found, sim::read_scenario(text, file));
  const auto problems = sim::check_scenario(sim::draw(found, found.seeds.first), sim::shop_contracts());
  if (problems.empty()) return found;
  std::string all;
  for (const auto& one : problems) all += "\n  " + describe(one);
  return failure(error_kind::invalid, "scenario_invalid", "it does not fit the contracts:" + all, file);
}

}  // namespace

result<sim::scenario> find_scenario(const std::string& file_or_name) {
  for (const auto& one : sim::shipped_scenarios())
    if (one.name == file_or_name) return read(one.text, std::string(one.file));
  std::error_code ignored;
  if (std::ifstream from(file_or_name); from && !std::filesystem::is_directory(file_or_name, ignored)) {
    std::ostringstream text;
    text << from.rdbuf();
    return read(text.str(), file_or_name);
  }
  std::vector<std::string_view> names;
  for (const auto& one : sim::shipped_scenarios()) names.push_back(one.name);
  const auto close = schema::nearest_name(file_or_name, names);
  return failure(error_kind::not_found, "scenario_not_found",
                 "there is no file \"" + file_or_name + "\" and no shipped scenario of that name; " +
                     (close.empty() ? "`bv sim list` lists them" : "did you mean \"" + std::string(close) + "\"?"));
}

}  // namespace bv::tools
