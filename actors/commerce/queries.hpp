#pragma once

#include <memory>

#include "actors/runtime/projection.hpp"
#include "actors/runtime/query.hpp"

namespace bv::commerce {

using view_handle = std::shared_ptr<const runtime::projection_view>;

std::unique_ptr<runtime::query_handler> make_list_stock(view_handle stock_view);
std::unique_ptr<runtime::query_handler> make_search_products(view_handle product_search);
std::unique_ptr<runtime::query_handler> make_my_orders(view_handle orders_by_customer);
std::unique_ptr<runtime::query_handler> make_list_orders(view_handle orders_by_customer);
std::unique_ptr<runtime::query_handler> make_my_payments(view_handle payments_by_customer);

/// A query as a plain function of its parameters, the caller and the table.
template <class Query, class Answer>
class query_of final : public runtime::query_handler {
 public:
  using function = result<Answer> (*)(const Query&, const runtime::caller&, std::string_view tenant,
                                      const runtime::projection_view&);
  query_of(view_handle view, function ask) : view_(std::move(view)), ask_(ask) {}

  const schema::query_contract& contract() const override { return contract_of(Query{}); }

  result<bytes> answer(bytes_view parameters, const runtime::caller& from,
                       std::string_view tenant) const override {
    Query query;
    BV_TRY(decode(parameters, query));  // these three are generated beside Query and Answer
    BV_TRY(validate(query));
    BV_ASSIGN(auto found, ask_(query, from, tenant, *view_));
    found.lag = view_->status().events_behind;
    return encode(found);
  }

 private:
  view_handle view_;
  function ask_;
};

}  // namespace bv::commerce
