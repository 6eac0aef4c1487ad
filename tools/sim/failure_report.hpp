#pragma once

#include <string>

#include "sim/hunt/campaign.hpp"
#include "tools/sim/run_command.hpp"

namespace bv::tools {

/// A run that is worth to be told about.
struct told_run {
  const sim::scenario& scenario;
  const sim::seed_outcome& outcome;
  const sim_run_options& options;
  const sim::campaign_options& campaign;
};

/// Prints what a failed run broke, how to see it again and its timeline; makes it smaller and writes that scenario and the
/// HTML page, as the options want it.
void tell_failure(const told_run& about);

/// The timeline of a run that went well: printed, or as HTML, as the options want it.
void tell_run(const told_run& about);

}  // namespace bv::tools
