#pragma once

#include <span>
#include <string>

#include "protocols/schema/contract.hpp"

namespace bv::schema {

struct openapi_options {
  std::string title = "BitVelocity";
  std::string version = "0.1.0";  ///< of the API
  bool users_by_header = true;    ///< auth mode `dev`: X-User-Id names the user; else a bearer token does
};

/// The OpenAPI 3.1 document of a node that serves these contracts: the resource routes, the generic actor routes
/// (spelt out for each aggregate and command), the event log and the node's own resources. Internal commands,
/// internal state and generated fields are left out. The paths of the contracts must differ.
std::string openapi_document(std::span<const aggregate_contract* const> aggregates,
                             std::span<const query_contract* const> queries, const openapi_options& options);

}  // namespace bv::schema
