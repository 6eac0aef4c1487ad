#include "actors/runtime/features.hpp"

#include <string>

#include "protocols/schema/base/assert.hpp"

namespace bv::runtime {
namespace {

struct entry {
  std::string_view name;
  std::uint32_t level;
};

entry entry_of(feature what) {
  switch (what) {
    case feature::leaving_notice: return {"leaving_notice", 2};
  }
  BV_ASSERT(false, "a feature has no level");
  return {};
}

}  // namespace

std::uint32_t level_of(feature what) { return entry_of(what).level; }
std::string_view name_of(feature what) { return entry_of(what).name; }

result<void> feature_gate::raise(std::uint32_t level) {
  auto now = level_.load(std::memory_order_relaxed);
  while (now < level && !level_.compare_exchange_weak(now, level, std::memory_order_relaxed)) {
  }
  if (level <= own_) return {};
  return failure(error_kind::conflict, "feature_level_too_low",
                 "the cluster works at feature level " + std::to_string(level) + ", and this version understands " +
                     std::to_string(own_) + ": start a newer version on this data folder");
}

result<void> feature_gate::admit(const node_hello& other) const {
  if (const auto now = level(); other.feature_level < now)
    return failure(error_kind::forbidden, "feature_level_too_low",
                   "the cluster works at feature level " + std::to_string(now) + ", and node " + other.name + " understands " +
                       std::to_string(other.feature_level) + ": start a newer version on its data folder");
  return {};
}

}  // namespace bv::runtime
