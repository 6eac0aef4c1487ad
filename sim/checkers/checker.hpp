#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/observe/observation.hpp"

namespace bv::sim {

struct plan;

struct violation {
  std::string invariant;
  std::string what;  ///< one sentence with the entity, the numbers and what would be right
  timestamp at;      ///< world's clock: when it could first be seen
  friend bool operator==(const violation&, const violation&) = default;
};

/// One invariant. Sees every committed record as it is committed, and all there is at the end.
class checker {
 public:
  virtual ~checker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  virtual void on_record(const observed_record&, std::vector<violation>&) {}
  /// While the run goes on, now and then.
  virtual void on_load(const node_load&, timestamp, std::vector<violation>&) {}
  /// The nodes of a cluster broke the invariant of that name among themselves.
  virtual void on_breach(std::string_view, const std::string&, timestamp, std::vector<violation>&) {}
  virtual void at_end(const observations&, std::vector<violation>&) {}
};

/// The invariants that the plan asks for, all of them if it names none. Error `invariant_unknown`.
result<std::vector<std::unique_ptr<checker>>> make_checkers(const plan& of);

/// Name and one sentence of each invariant there is.
struct invariant_description {
  std::string_view name, says;
};
std::vector<invariant_description> all_invariants();

}  // namespace bv::sim
