#include "sim/trace/render_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/trace/time_text.hpp"

namespace bv::sim {
namespace {

constexpr std::string_view red = "\x1b[1;31m", yellow = "\x1b[33m", green = "\x1b[32m", dim = "\x1b[2m", plain = "\x1b[0m";

/// Wider places push their line to the right instead of all lines.
constexpr std::size_t place_width_max = 24;

/// One line of text, whatever a client calls itself: no line breaks, and nothing that a terminal obeys.
std::string harmless(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are controls too; some terminals take U+009B for the beginning of a command.
    const bool two_bytes = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte >= 0x20 && byte != 0x7f && !two_bytes) {
      safe += text[i];
      continue;
    }
    safe += "�";
    if (two_bytes) ++i;
  }
  return safe;
}

/// Characters, not bytes: of a UTF-8 sequence all but the first byte are 10xxxxxx.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, std::size_t width) {
  const auto has = width_of(text);
  if (has < width) text.append(width - has, ' ');
  return text;
}

std::string in(std::string_view colour_code, bool colour, std::string_view text) {
  return colour ? fmt::format("{}{}{}", colour_code, text, plain) : std::string(text);
}

std::string head(const run_report& of, bool colour) {
  auto text = fmt::format("scenario  {}\nseed      {}\nverdict   {}\nhash      {}\nreplay    {}\n", harmless(of.scenario),
                          of.seed, in(of.failed ? red : green, colour, harmless(of.verdict)), of.hash, of.replay);
  if (!of.violations.empty()) text += "\n";
  for (const auto& violation : of.violations) text += in(red, colour, "!! " + harmless(violation)) + "\n";
  return text;
}

}  // namespace

std::string render_timeline(const run_report& report, bool colour) {
  std::size_t time_width = 0, place_width = 0;
  for (const auto& line : report.lines) {
    time_width = std::max(time_width, offset_text(line.at - report.beginning).size());
    place_width = std::max(place_width, std::min(width_of(line.where), place_width_max));
  }
  std::string text;
  auto before = report.beginning;
  for (const auto& line : report.lines) {
    if (line.at - before >= quiet_min) {
      const auto quiet = fmt::format("… {} …", length_text(line.at - before));
      text += std::string(time_width + 4, ' ') + in(dim, colour, quiet) + "\n";
    }
    before = line.at;
    const bool broken = line.kind == trace_kind::check, fault = line.kind == trace_kind::fault;
    const auto shown = fmt::format("{:>{}} {} {}  {:7}  {}", offset_text(line.at - report.beginning), time_width,
                                   broken ? "!!" : fault ? ">>" : "  ", padded(harmless(line.where), place_width),
                                   to_string(line.kind), harmless(line.what));
    text += (broken || fault ? in(broken ? red : yellow, colour, shown) : shown) + "\n";
  }
  if (report.dropped_lines != 0) text += fmt::format("… {} more lines were not kept …\n", report.dropped_lines);
  return text;
}

std::string render_text(const run_report& report, bool colour) {
  auto text = head(report, colour);
  if (!report.lines.empty() || report.dropped_lines != 0) text += "\n" + render_timeline(report, colour);
  if (!report.shrunk.empty()) text += "\nA smaller scenario that fails as well:\n\n" + report.shrunk;
  return text;
}

}  // namespace bv::sim
