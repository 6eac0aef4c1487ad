#include "sim/trace/render_html.hpp"

#include <fmt/format.h>

#include <iterator>
#include <map>

#include "protocols/schema/base/assert.hpp"
#include "sim/trace/fault_bands.hpp"
#include "sim/trace/page/page_parts.hpp"
#include "sim/trace/time_text.hpp"

namespace bv::sim {
namespace {

/// For text between tags and in attributes.
std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

/// A JSON string that may stand in a <script>: neither an end tag nor a comment can come about in it.
void put_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f) {
      fmt::format_to(std::back_inserter(json), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      json += c;
    }
  }
  json += '"';
}

/// `"name":[…]` of one value for each of `values`, as `put` writes it.
template <class Values, class Put>
void put_list(std::string& json, std::string_view name, const Values& values, const Put& put) {
  json += json.empty() ? "{\"" : ",\"";
  json += name;
  json += "\":[";
  bool first = true;
  for (const auto& value : values) {
    if (!first) json += ',';
    first = false;
    put(value);
  }
  json += ']';
}

/// The lines as columns: half as large as one object a line, and read several times as quickly.
std::string data_of(const run_report& report) {
  std::map<std::string_view, std::size_t> place_numbers;
  for (const auto& line : report.lines) place_numbers.emplace(line.where, 0);
  std::size_t next = 0;
  for (auto& [name, number] : place_numbers) number = next++;

  std::string json;
  const auto put_number = [&](auto number) { fmt::format_to(std::back_inserter(json), "{}", number); };
  std::vector<trace_kind> kinds;
  for (auto kind = 0; kind <= static_cast<int>(trace_kind::check); ++kind) kinds.push_back(static_cast<trace_kind>(kind));
  put_list(json, "kinds", kinds, [&](trace_kind kind) { put_string(json, to_string(kind)); });
  put_list(json, "places", place_numbers, [&](const auto& place) { put_string(json, place.first); });
  put_list(json, "time", report.lines, [&](const trace_line& line) {
    put_number(std::chrono::floor<std::chrono::microseconds>(line.at - report.beginning).count());
  });
  put_list(json, "kind", report.lines, [&](const trace_line& line) { put_number(static_cast<int>(line.kind)); });
  put_list(json, "place", report.lines, [&](const trace_line& line) { put_number(place_numbers.at(line.where)); });
  put_list(json, "what", report.lines, [&](const trace_line& line) { put_string(json, line.what); });
  put_list(json, "bands", fault_bands(report.lines), [&](const fault_band& band) {
    fmt::format_to(std::back_inserter(json), "[{},{}]", band.first, band.last);
  });
  return json + "}";
}

std::string violations_of(const run_report& report) {
  if (report.violations.empty()) return "<p>All invariants held.</p>";
  std::string list = "<h2>Broken invariants</h2>\n<ol class=\"violations\">\n";
  for (const auto& violation : report.violations) list += "<li>" + escaped(violation) + "</li>\n";
  return list + "</ol>";
}

std::string shrunk_of(const run_report& report) {
  if (report.shrunk.empty()) return {};
  return "<details open>\n<summary>A smaller scenario that fails as well</summary>\n<pre tabindex=\"0\">\n" +
         escaped(report.shrunk) + "</pre>\n</details>";
}

std::string dropped_of(const run_report& report) {
  if (report.dropped_lines == 0) return {};
  return fmt::format("<p>{} more lines were not kept.</p>", report.dropped_lines);
}

}  // namespace

std::string render_html(const run_report& report) {
  const auto length = report.lines.empty() ? duration{} : report.lines.back().at - report.beginning;
  const std::map<std::string_view, std::string> texts{
      {"title", escaped(fmt::format("{} · seed {} · {}", report.scenario, report.seed, report.verdict))},
      {"style", std::string(page_css)},
      {"scenario", escaped(report.scenario)},
      {"verdict", escaped(report.verdict)},
      {"verdict_class", report.failed ? "failed" : "ok"},
      {"seed", std::to_string(report.seed)},
      {"length", offset_text(length)},
      {"hash", escaped(report.hash)},
      {"replay", escaped(report.replay)},
      {"violations", violations_of(report)},
      {"shrunk", shrunk_of(report)},
      {"dropped", dropped_of(report)},
      {"data", data_of(report)},
      {"script_axis", std::string(page_axis_js)},
      {"script_timeline", std::string(page_timeline_js)},
      {"script_page", std::string(page_js)}};
  // Once over the template: a name in braces within a text stays what it is.
  std::string page;
  auto rest = page_html;
  for (auto open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    const auto close = rest.find("}}", open);
    const auto text = texts.find(rest.substr(open + 2, close - open - 2));
    BV_ASSERT(text != texts.end(), "the page asks for a text that there is not");
    page += rest.substr(0, open);
    page += text->second;
    rest.remove_prefix(close + 2);
  }
  page += rest;
  return page;
}

}  // namespace bv::sim
