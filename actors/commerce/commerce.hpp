#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "actors/commerce/aggregates.hpp"
#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/projection.hpp"
#include "actors/runtime/query.hpp"

namespace bv::commerce {

/// All that aggregates.hpp declares: what a node registers.
std::vector<std::unique_ptr<runtime::aggregate_type>> aggregates();

/// Carts look products up in `stock_view`: a node that serves carts must offer it as facts.
std::unique_ptr<runtime::projection> make_stock_view();
std::unique_ptr<runtime::projection> make_product_search();
std::unique_ptr<runtime::projection> make_orders_by_customer();
std::unique_ptr<runtime::projection> make_payments_by_customer();

std::vector<std::unique_ptr<runtime::projection>> projections();

/// The queries that those projections answer. `view_of` gives the served table of a projection by its name.
std::vector<std::unique_ptr<runtime::query_handler>> queries(
    const std::function<std::shared_ptr<const runtime::projection_view>(std::string_view)>& view_of);

}  // namespace bv::commerce
