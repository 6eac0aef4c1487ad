#pragma once

#include <string>
#include <string_view>

#include "actors/runtime/aggregate.hpp"
#include "protocols/schema/commerce/stock_view.hpp"

namespace bv::commerce {

inline constexpr std::string_view stock_view_name = "stock_view";

/// Key of a SKU's row in the stock view.
bytes stock_key(std::string_view tenant, std::string_view sku);

/// What the stock view tells a decision about a SKU; nothing if no event of it has been seen.
std::optional<stock_view::stock_row> find_stock(const runtime::context& about, std::string_view sku);

}  // namespace bv::commerce
