#include "tools/node/metrics_page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace bv::tools {

using prometheus::ClientMetric;
using prometheus::MetricType;

struct metrics_page::parts {
  std::vector<prometheus::MetricFamily> families;

  std::vector<ClientMetric>& add(std::string name, std::string help, MetricType type) {
    families.push_back({"bv_" + std::move(name), std::move(help), type, {}});
    return families.back().metric;
  }

  void add_labelled(std::string name, std::string help, MetricType type, const std::string& label,
                    const labelled& values) {
    auto& metrics = add(std::move(name), std::move(help), type);
    for (const auto& [label_value, value] : values) {
      ClientMetric one;
      if (!label.empty()) one.label.push_back({label, label_value});
      (type == MetricType::Counter ? one.counter.value : one.gauge.value) = value;
      metrics.push_back(std::move(one));
    }
  }
};

metrics_page::metrics_page() : parts_(std::make_unique<parts>()) {}
metrics_page::~metrics_page() = default;

void metrics_page::counter(std::string name, std::string help, double value) {
  parts_->add_labelled(std::move(name), std::move(help), MetricType::Counter, "", {{"", value}});
}

void metrics_page::gauge(std::string name, std::string help, double value) {
  parts_->add_labelled(std::move(name), std::move(help), MetricType::Gauge, "", {{"", value}});
}

void metrics_page::counters(std::string name, std::string help, const std::string& label, const labelled& values) {
  parts_->add_labelled(std::move(name), std::move(help), MetricType::Counter, label, values);
}

void metrics_page::gauges(std::string name, std::string help, const std::string& label, const labelled& values) {
  parts_->add_labelled(std::move(name), std::move(help), MetricType::Gauge, label, values);
}

void metrics_page::histogram(std::string name, std::string help, const runtime::histogram::view& seen, double unit) {
  ClientMetric one;
  one.histogram.sample_count = seen.count;
  one.histogram.sample_sum = static_cast<double>(seen.sum) * unit;
  std::uint64_t so_far = 0;
  for (std::size_t bucket = 0; bucket < seen.buckets.size(); ++bucket) {
    so_far += seen.buckets[bucket];
    const bool last = bucket + 1 == seen.buckets.size();
    const double bound = last ? std::numeric_limits<double>::infinity()
                              : static_cast<double>(runtime::histogram::upper_bound(bucket)) * unit;
    one.histogram.bucket.push_back({so_far, bound});
  }
  parts_->add(std::move(name), std::move(help), MetricType::Histogram).push_back(std::move(one));
}

std::string metrics_page::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, parts_->families);
  return out.str();
}

}  // namespace bv::tools
