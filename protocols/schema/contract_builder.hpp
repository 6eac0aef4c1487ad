#pragma once

#include <capnp/schema.h>

#include <string>

#include "protocols/schema/contract.hpp"

namespace bv::schema {

/// What the $aggregate annotation of a file says.
struct aggregate_declaration {
  std::string name, domain;
  std::uint32_t snapshot_every = 100, retain_days = 0;
};

// Called by generated sources, once for each contract.
aggregate_contract build_aggregate_contract(const aggregate_declaration& about, capnp::StructSchema state,
                                            capnp::StructSchema command, capnp::StructSchema event);
query_contract build_query_contract(capnp::StructSchema parameters, capnp::StructSchema answer);

}  // namespace bv::schema
