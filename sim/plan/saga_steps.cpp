#include "sim/plan/saga_steps.hpp"

#include "sagas/commerce/commerce_sagas.hpp"

namespace bv::sim {

std::vector<std::string> saga_names() {
  std::vector<std::string> all;
  for (const auto& each : commerce_sagas::definitions()) all.push_back(each.name);
  return all;
}

std::vector<std::string> saga_steps(std::string_view saga) {
  std::vector<std::string> steps;
  for (const auto& each : commerce_sagas::definitions())
    if (each.name == saga)
      for (const auto& step : each.steps) steps.push_back(step.name);
  return steps;
}

}  // namespace bv::sim
