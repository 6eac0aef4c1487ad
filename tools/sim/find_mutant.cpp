#include "tools/sim/find_mutant.hpp"

#include <algorithm>
#include <string>

#include "protocols/schema/nearest.hpp"

namespace bv::tools {

result<void> require_mutants() {
  if (mutants_compiled_in) return {};
  return failure(error_kind::invalid, "no_mutants",
                 "this build has no deliberate bugs in it; make one: meson setup build-mutants -Dmutants=true && "
                 "ninja -C build-mutants bv; then use build-mutants/bv");
}

result<sim::mutant> find_mutant(std::string_view name) {
  BV_TRY(require_mutants());
  const auto all = sim::all_mutants();
  const auto found = std::ranges::find(all, name, &sim::mutant::name);
  if (found != all.end()) return *found;
  std::vector<std::string_view> known;
  for (const auto& one : all) known.push_back(one.name);
  const auto close = schema::nearest_name(name, known);
  return failure(error_kind::invalid, "mutant_unknown",
                 "there is no mutant \"" + std::string(name) + "\"" +
                     (close.empty() ? "" : "; did you mean \"" + std::string(close) + "\"?"));
}

}  // namespace bv::tools
