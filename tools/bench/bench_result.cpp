#include "tools/bench/bench_result.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bv::bench {
namespace {

template <class Number>
boost::json::value or_null(const std::optional<Number>& number) {
  return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

boost::json::value or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

}  // namespace

std::string to_json(const bench_result& of) {
  boost::json::object all;
  all["name"] = of.name;
  all["value"] = of.value;
  all["unit"] = of.unit;
  all["reference"] = or_null(of.reference);
  all["reference_value"] = or_null(of.reference_value);
  all["ratio"] = or_null(of.ratio);
  all["p50_ms"] = or_null(of.p50_ms);
  all["p99_ms"] = or_null(of.p99_ms);
  all["cpu_us_per_op"] = or_null(of.cpu_us_per_op);
  all["in_flight"] = or_null(of.in_flight);
  all["durability"] = or_null(of.durability);
  all["seed"] = or_null(of.seed);
  all["checks"] = boost::json::array(of.checks.begin(), of.checks.end());
  return boost::json::serialize(all);
}

std::string to_text(const bench_result& of) {
  auto text = fmt::format("{}: {:.6g} {}", of.name, of.value, of.unit);
  if (of.ratio) text += fmt::format(", {:.3f} of {} ({:.6g})", *of.ratio, of.reference, of.reference_value.value_or(0));
  if (of.p50_ms) text += fmt::format("\n  p50 {:.3f} ms, p99 {:.3f} ms", *of.p50_ms, of.p99_ms.value_or(0));
  if (of.cpu_us_per_op) text += fmt::format("\n  {:.2f} us CPU an operation", *of.cpu_us_per_op);
  for (const auto& check : of.checks) text += "\n  checked: " + check;
  return text;
}

}  // namespace bv::bench
