#include <cstdio>

#include "sim/trace/render_html.hpp"
#include "tests/sim/trace/example_report.hpp"

/// Writes a page whose texts try to get out of it, for page_test.py.
int main() {
  using namespace bv::sim;
  const std::string hostile = R"(</script><script>alert("1")</script><!--<img src=x onerror='alert(2)'>&amp;{{data}}\)";
  const auto example = example_report();
  std::vector<trace_line> lines(example.lines.begin(), example.lines.end());
  for (auto& line : lines) line.what = hostile;
  lines.push_back({lines.back().at, trace_kind::client, hostile, hostile});
  const run_report report{.scenario = hostile, .seed = 1, .failed = true, .verdict = hostile, .hash = hostile,
                          .replay = hostile, .beginning = example.beginning, .violations = {hostile, hostile},
                          .lines = lines, .dropped_lines = 3, .shrunk = hostile};
  std::fputs(render_html(report).c_str(), stdout);
}
