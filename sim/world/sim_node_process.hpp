#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sagas/commerce/commerce_domain.hpp"
#include "sagas/commerce/commerce_sagas.hpp"
#include "sim/world/sim_node.hpp"

namespace bv::sim {

/// What a crash takes with it; in the order in which each needs those before it.
struct sim_node::process {
  process(sim_node& of)
      : later(of.around_.time),
        hosted(domains(of), of.notes_of_process()) {}

  std::vector<sagas::domain> domains(sim_node& of) {
    std::vector<sagas::domain> all;
    all.push_back(commerce_sagas::commerce_domain(std::make_shared<sagas::downstream>(
        std::string(commerce_sagas::payment_processor), of.around_.processor.reached_from(of.name_, alive),
        commerce_sagas::processor_policy(), of.clock_, later)));
    return all;
  }

  struct waiting {
    timestamp since;
    std::string what;
  };

  const std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);
  virtual_timer later;
  sagas::application hosted;
  storage::store store;
  std::unique_ptr<sim_links> links;  ///< in a cluster
  std::unique_ptr<runtime::node> actors;
  bool recovered = false;
  std::map<std::uint64_t, waiting> unanswered;
  std::uint64_t asked = 0;
};

}  // namespace bv::sim
