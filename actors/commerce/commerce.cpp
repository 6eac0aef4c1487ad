#include "actors/commerce/commerce.hpp"

#include "actors/commerce/queries.hpp"

namespace bv::commerce {

std::vector<std::unique_ptr<runtime::projection>> projections() {
  std::vector<std::unique_ptr<runtime::projection>> all;
  all.push_back(make_stock_view());
  all.push_back(make_product_search());
  all.push_back(make_orders_by_customer());
  all.push_back(make_payments_by_customer());
  return all;
}

std::vector<std::unique_ptr<runtime::query_handler>> queries(
    const std::function<std::shared_ptr<const runtime::projection_view>(std::string_view)>& view_of) {
  std::vector<std::unique_ptr<runtime::query_handler>> all;
  all.push_back(make_list_stock(view_of("stock_view")));
  all.push_back(make_search_products(view_of("product_search")));
  all.push_back(make_my_orders(view_of("orders_by_customer")));
  all.push_back(make_list_orders(view_of("orders_by_customer")));
  all.push_back(make_my_payments(view_of("payments_by_customer")));
  return all;
}

}  // namespace bv::commerce
