#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bv::bench {

/// What one benchmark says. What does not apply is empty and becomes null.
struct bench_result {
  std::string name;
  double value = 0;
  std::string unit;
  std::string reference;  ///< what `ratio` is a ratio to, measured in the same run; empty if there is none
  std::optional<double> reference_value;
  std::optional<double> ratio;
  std::optional<double> p50_ms, p99_ms;
  std::optional<double> cpu_us_per_op;  ///< of the whole process, clients included
  std::optional<std::uint64_t> in_flight;
  std::string durability;  ///< "fsync" or "os"
  std::optional<std::uint64_t> seed;
  std::vector<std::string> checks;  ///< what was verified after the run, in words
};

/// One JSON object on one line.
std::string to_json(const bench_result& of);
/// A few lines for people.
std::string to_text(const bench_result& of);

}  // namespace bv::bench
