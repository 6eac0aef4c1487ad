#include "tools/node/metrics_page.hpp"

#include <doctest/doctest.h>

using bv::tools::metrics_page;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("metrics: a counter and a gauge are written with their help and type") {
  metrics_page page;
  page.counter("events_total", "Events committed.", 12);
  page.gauge("entities_live", "Entities in memory.", -3);
  const auto text = page.text();
  CHECK(has_line(text, "# HELP bv_events_total Events committed."));
  CHECK(has_line(text, "# TYPE bv_events_total counter"));
  CHECK(has_line(text, "bv_events_total 12"));
  CHECK(has_line(text, "# TYPE bv_entities_live gauge"));
  CHECK(has_line(text, "bv_entities_live -3"));
}

TEST_CASE("metrics: one name has one line for each value of its label") {
  metrics_page page;
  page.counters("commands_total", "By outcome.", "outcome", {{"accepted", 5}, {"rejected", 1}});
  page.gauges("lag_events", "By projection.", "projection", {{"a\"b", 2}});
  const auto text = page.text();
  CHECK(has_line(text, "bv_commands_total{outcome=\"accepted\"} 5"));
  CHECK(has_line(text, "bv_commands_total{outcome=\"rejected\"} 1"));
  CHECK(has_line(text, "bv_lag_events{projection=\"a\\\"b\"} 2"));
}

TEST_CASE("metrics: a histogram's buckets are cumulative and in its base unit") {
  bv::runtime::histogram seen;
  seen.observe(1);
  seen.observe(3);
  seen.observe(4);
  seen.observe(1u << 30);
  metrics_page page;
  page.histogram("command_seconds", "From admission to answer.", seen.read(), 1e-6);
  const auto text = page.text();
  CHECK(has_line(text, "bv_command_seconds_count 4"));
  CHECK(has_line(text, "bv_command_seconds_bucket{le=\"1e-06\"} 1"));
  CHECK(has_line(text, "bv_command_seconds_bucket{le=\"2e-06\"} 1"));
  CHECK(has_line(text, "bv_command_seconds_bucket{le=\"4e-06\"} 3"));
  CHECK(has_line(text, "bv_command_seconds_bucket{le=\"+Inf\"} 4"));
  CHECK(text.find("bv_command_seconds_sum 1073.74183") != std::string::npos);
}
