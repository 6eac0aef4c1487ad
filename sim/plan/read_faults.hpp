#pragma once

#include <cstddef>
#include <vector>

#include "sim/plan/table_reader.hpp"

namespace bv::sim {

/// The kinds of fault, in the order of fault_action and of format::fault_kinds, each as it is by default.
fault_action make_fault(std::size_t kind);

/// The faults that one [[fault]] block gives to this run: none if it does not strike, many if it strikes over and over.
/// `block`'s path must tell it from the others.
std::vector<fault> read_fault(table_reader& block, std::size_t kind, const phases& time);

}  // namespace bv::sim
