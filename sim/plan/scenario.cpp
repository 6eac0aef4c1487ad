#include "sim/plan/scenario.hpp"

#include <charconv>
#include <optional>

#include "sim/plan/read_plan.hpp"

namespace bv::sim {
namespace {

std::optional<std::uint64_t> parse_seed(std::string_view text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, seed);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return seed;
}

tl::unexpected<error> invalid(const std::vector<problem>& problems, const std::string& file) {
  std::string lines;
  for (const auto& each : problems)
    lines += (lines.empty() ? "" : "\n") + file + ":" + std::to_string(each.where.line) + ":" +
             std::to_string(each.where.column) + ": " + each.what;
  return failure(error_kind::invalid, "scenario_invalid", std::move(lines), file);
}

}  // namespace

result<seed_range> parse_seeds(std::string_view text) {
  const auto dots = text.find("..");
  const auto first = parse_seed(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_seed(text.substr(dots + 2));
  if (first && last && *first <= *last) return seed_range{*first, *last};
  return failure(error_kind::invalid, "bad_seeds",
                 "\"" + std::string(text) + "\" names no seeds; write one, as \"7\", or the first and the last, as \"1..100\"");
}

std::string to_text(const seed_range& seeds) {
  const auto first = std::to_string(seeds.first);
  return seeds.first == seeds.last ? first : first + ".." + std::to_string(seeds.last);
}

result<scenario> read_scenario(std::string_view text, const std::string& file) {
  auto source = parse_document(text, file);
  if (!source.problems.empty()) return invalid(source.problems, file);
  auto read = read_plan(std::get<table>(source.root.is), seed_range{}.first);
  if (!read.problems.empty()) return invalid(read.problems, file);
  read.head.file = file;
  read.head.source = std::move(source);
  return std::move(read.head);
}

}  // namespace bv::sim
