#pragma once

#include <memory>

#include "protocols/http/endpoint.hpp"

namespace bv::runtime {
class query_handler;
}

namespace bv::http {

/// Whether there is an entity: it has events and its state is no tombstone.
bool exists(const schema::aggregate_contract& contract, const runtime::entity_view& seen);

error unknown_type(std::string_view type);

/// A state's route. An entity addressed by path must exist; the caller's own is shown in its initial state
/// until it does.
std::unique_ptr<endpoint> make_state_endpoint(const surroundings& around,
                                              const schema::aggregate_contract& contract,
                                              const schema::route& route);

/// GET /api/actors/{type}/{id}
std::unique_ptr<endpoint> make_any_state_endpoint(const surroundings& around);

/// GET on the route of a query. Parameters of the path and of the query string are fields of the question.
std::unique_ptr<endpoint> make_query_endpoint(const surroundings& around,
                                              const runtime::query_handler& query);

}  // namespace bv::http
