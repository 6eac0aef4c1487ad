#include "sim/trace/fault_bands.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace bv::sim {
namespace {

constexpr std::string_view node_down = "crashes";
constexpr std::string_view node_up = "starts";

}  // namespace

std::vector<fault_band> fault_bands(std::span<const trace_line> lines) {
  std::vector<fault_band> bands;
  using place_and_text = std::pair<std::string_view, std::string_view>;
  std::map<place_and_text, std::size_t> open;
  const auto close = [&](std::string_view where, std::string_view what, std::size_t at) {
    const auto begun = open.find({where, what});
    if (begun == open.end()) return;
    bands.push_back({begun->second, at});
    open.erase(begun);
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [at, kind, where, what] = lines[i];
    if (kind == trace_kind::node) {
      if (what == node_down) open.emplace(place_and_text{where, node_down}, i);
      if (what == node_up) close(where, node_down, i);
    } else if (kind == trace_kind::fault) {
      if (what.starts_with(fault_over)) {
        close(where, std::string_view(what).substr(fault_over.size()), i);
      } else {
        open.emplace(place_and_text{where, what}, i);
      }
    }
  }
  for (const auto& [name, begun] : open) {
    if (lines[begun].kind == trace_kind::node) bands.push_back({begun, lines.size() - 1});
  }
  std::sort(bands.begin(), bands.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return bands;
}

}  // namespace bv::sim
