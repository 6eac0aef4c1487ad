#include "protocols/schema/contract.hpp"

#include "protocols/schema/contract_builder.hpp"

namespace bv::schema {

aggregate_contract::aggregate_contract(const aggregate_declaration& about)
    : name_(about.name), snapshot_every_(about.snapshot_every) {}

aggregate_contract build_aggregate_contract(const aggregate_declaration& about, capnp::StructSchema,
                                            capnp::StructSchema, capnp::StructSchema) {
  return aggregate_contract(about);
}

query_contract build_query_contract(capnp::StructSchema, capnp::StructSchema) { return {}; }

}  // namespace bv::schema
