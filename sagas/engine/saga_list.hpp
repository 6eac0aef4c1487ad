#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "actors/runtime/projection.hpp"
#include "actors/runtime/query.hpp"

namespace bv::sagas {

/// The read model of all sagas: `saga_list`.
std::unique_ptr<runtime::projection> make_saga_list();

/// GET /api/sagas and GET /api/deadletters. `saga_list` is the served table of the projection.
std::vector<std::unique_ptr<runtime::query_handler>> saga_queries(
    std::shared_ptr<const runtime::projection_view> saga_list);

}  // namespace bv::sagas
