#include "sim/trace/render_html.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/sim/trace/example_report.hpp"

using namespace bv;
using namespace bv::sim;

namespace {

std::size_t count(std::string_view in, std::string_view what) {
  std::size_t found = 0;
  for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + 1)) ++found;
  return found;
}

boost::json::object data_in(std::string_view page) {
  constexpr std::string_view open = R"(<script type="application/json" id="data">)";
  const auto begin = page.find(open) + open.size();
  return boost::json::parse(page.substr(begin, page.find("</script>", begin) - begin)).as_object();
}

}  // namespace

TEST_CASE("html: the head says what it was, what was broken and how to see it again") {
  const auto page = render_html(example_report());
  CHECK(count(page, "<title>declined · seed 42 · failed</title>") == 1);
  CHECK(count(page, R"(<h1>declined <span class="verdict failed">failed</span></h1>)") == 1);
  CHECK(count(page, "<dd>42</dd>") == 1);
  CHECK(count(page, "<code>10dc5f6521479318b457ce9221e6cef4</code>") == 1);
  CHECK(count(page, R"(<code class="replay">bv sim run declined.toml --seed 42</code>)") == 1);
  CHECK(count(page, "<li>money: cart/ada paid twice</li>") == 1);
  CHECK(count(page, "<dd>29d 00:00:14.000000</dd>") == 1);
}

TEST_CASE("html: a run that is well says so, and has neither violations nor a smaller scenario") {
  auto report = example_report();
  report.failed = false;
  report.verdict = "ok";
  report.violations.clear();
  report.shrunk.clear();
  const auto page = render_html(report);
  CHECK(count(page, R"(<span class="verdict ok">ok</span>)") == 1);
  CHECK(count(page, "All invariants held.") == 1);
  CHECK(count(page, "<ol") == 0);
  CHECK(count(page, "<details") == 0);
}

TEST_CASE("html: all lines are in it, as columns of the same length, with the faults that lasted") {
  const auto report = example_report();
  const auto data = data_in(render_html(report));
  const auto column = [&](const char* name) { return data.at(name).as_array(); };
  REQUIRE(column("time").size() == report.lines.size());
  for (std::size_t i = 0; i < report.lines.size(); ++i) {
    const auto& line = report.lines[i];
    CHECK(column("time")[i].as_int64() == (line.at - report.beginning) / std::chrono::microseconds{1});
    CHECK(column("kinds")[column("kind")[i].to_number<std::size_t>()].as_string() == to_string(line.kind));
    CHECK(column("places")[column("place")[i].to_number<std::size_t>()].as_string() == line.where);
    CHECK(column("what")[i].as_string() == line.what);
  }
  CHECK(column("bands") == boost::json::parse("[[2,4]]"));
}

TEST_CASE("html: whatever a text says, it stays text") {
  const std::string hostile = R"(</script><script>alert("1")</script><!--<img src=x onerror='alert(2)'>&amp;{{data}}\)";
  const std::vector<trace_line> lines{{{0}, trace_kind::client, hostile, hostile + "\n\x01"},
                                      {{1}, trace_kind::check, "]]>", "\x7f\"]}"}};
  run_report report{.scenario = hostile, .verdict = hostile, .hash = hostile, .replay = hostile,
                    .violations = {hostile}, .lines = lines, .shrunk = "</pre>" + hostile};
  const auto page = render_html(report);
  // The page's own data and script, and nothing else.
  CHECK(count(page, "<script") == 2);
  CHECK(count(page, "</script") == 2);
  CHECK(count(page, "<img") == 0);
  CHECK(count(page, "<!--") == 0);
  CHECK(count(page, "</pre>") == 1);
  CHECK(count(page, R"(<li>&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;!--&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&amp;amp;{{data}}\</li>)") == 1);
  const auto data = data_in(page);
  CHECK(data.at("what").as_array()[0].as_string() == hostile + "\n\x01");
  CHECK(data.at("what").as_array()[1].as_string() == "\x7f\"]}");
  CHECK(data.at("places").as_array()[0].as_string() == hostile);
}

TEST_CASE("html: lines that were not kept are told, and a run without lines has a page too") {
  auto report = example_report();
  report.dropped_lines = 7;
  CHECK(count(render_html(report), "<p>7 more lines were not kept.</p>") == 1);
  report.dropped_lines = 0;
  report.lines = {};
  const auto page = render_html(report);
  CHECK(count(page, "were not kept") == 0);
  CHECK(data_in(page).at("time").as_array().empty());
}
