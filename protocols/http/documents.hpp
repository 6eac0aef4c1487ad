#pragma once

#include <memory>
#include <vector>

#include "protocols/http/endpoint.hpp"
#include "protocols/http/route_table.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::http {

/// Adds what describes the node: `/` (leads to the documentation), `/api` (an index of types and their
/// routes),
/// `/openapi.json`, and `/docs` (Swagger UI). All of it is made once, from the contracts.
result<void> add_documents(route_table& routes, const contract_book& contracts,
                           const std::vector<const schema::query_contract*>& queries,
                           const std::string& version);

}  // namespace bv::http
