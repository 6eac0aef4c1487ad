#pragma once

#include <capnp/schema.h>

#include <cstdint>
#include <string>

#include "protocols/schema/contract.hpp"

namespace bv::schema {

// From Cap'n Proto's schemas to the reflection data of contract.hpp. Called by generated sources, once for each
// contract, and by the compatibility check for schemas that were parsed from text.

/// What the $aggregate annotation of a file says; files have no schema at run time, so the generator writes it out.
struct aggregate_declaration {
  std::string name, domain;
  std::uint32_t snapshot_every = 100, retain_days = 0;
};

aggregate_contract build_aggregate_contract(const aggregate_declaration& about, capnp::StructSchema state,
                                            capnp::StructSchema command, capnp::StructSchema event);
query_contract build_query_contract(capnp::StructSchema parameters, capnp::StructSchema answer);

/// One struct with all that it refers to; they live in `pool`.
const struct_type* build_struct_type(type_pool& pool, capnp::StructSchema type);

/// itemAdded gives item_added.
std::string snake_case(std::string_view camel);

}  // namespace bv::schema
