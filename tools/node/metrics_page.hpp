#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/runtime/metrics.hpp"

namespace bv::tools {

/// Collects what /metrics shows and writes it as Prometheus text. Names are without the prefix `bv_`, which all get.
class metrics_page {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
  using labelled = std::vector<std::pair<std::string, double>>;  ///< value of the label, value of the metric

  metrics_page();
  ~metrics_page();

  void counter(std::string name, std::string help, double value);
  void gauge(std::string name, std::string help, double value);
  /// One metric for each value of a label.
  void counters(std::string name, std::string help, const std::string& label, const labelled& values);
  void gauges(std::string name, std::string help, const std::string& label, const labelled& values);
  /// `unit` is what an observation of 1 is in the base unit: 1e-6 for microseconds shown in seconds.
  void histogram(std::string name, std::string help, const runtime::histogram::view& seen, double unit = 1);

  [[nodiscard]] std::string text() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::tools
