// Orders, newest first. One row an order, found through three indices:
//
//   o/<tenant>/<id>                            the row
//   c/<tenant>/<customer>/<newest first><id>   → id, a customer's history
//   a/<tenant>/<newest first><id>              → id, everybody's
//   s/<tenant>/<status>/<newest first><id>     → id, everybody's at one status

#include "protocols/schema/commerce/orders_by_customer.hpp"
#include "actors/commerce/commerce.hpp"
#include "actors/commerce/listing.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/commerce/order.hpp"

namespace bv::commerce {
namespace {

using orders_by_customer::list_orders;
using orders_by_customer::my_orders;
using orders_by_customer::order_page;
using orders_by_customer::order_row;

bytes key_in(char table, std::string_view tenant) {
  bytes key(1, table);
  key.append("/").append(tenant).append("/");
  return key;
}

bytes order_key(std::string_view tenant, std::string_view id) {
  return key_in('o', tenant).append(id);
}

bytes customer_orders(std::string_view tenant, std::string_view customer) {
  return key_in('c', tenant).append(customer).append("/");
}

bytes status_prefix(std::string_view tenant, order::status status) {
  return key_in('s', tenant).append(to_string(status)).append("/");
}

void apply_to(order_row& row, const order::placed& fact) {
  row = {fact.id,
         fact.customer,
         order::status::pending,
         fact.total,
         static_cast<std::uint32_t>(fact.lines.size()),
         fact.payment_id,
         "",
         fact.at,
         fact.at};
}
void move_to(order_row& row, order::status status, timestamp at) {
  row.status = status;
  row.updated_at = at;
}
void apply_to(order_row& row, const order::confirmed& fact) {
  move_to(row, order::status::confirmed, fact.at);
}
void apply_to(order_row& row, const order::paid& fact) {
  move_to(row, order::status::paid, fact.at);
}
void apply_to(order_row& row, const order::shipped& fact) {
  move_to(row, order::status::shipped, fact.at);
}
void apply_to(order_row& row, const order::delivered& fact) {
  move_to(row, order::status::delivered, fact.at);
}
void apply_to(order_row& row, const order::cancelled& fact) {
  row.reason = fact.reason;
  move_to(row, order::status::cancelled, fact.at);
}
void apply_to(order_row& row, const order::refunded& fact) {
  row.reason = fact.reason;
  move_to(row, order::status::refunded, fact.at);
}
void apply_to(order_row&, const order::cancellation_requested&) {}
void apply_to(order_row&, const order::refund_requested&) {}
void apply_to(order_row&, const order::request_declined&) {}

class orders_projection final : public runtime::projection {
 public:
  std::string name() const override { return "orders_by_customer"; }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"order"}}; }

  result<void> apply(const runtime::logged_event& logged, runtime::projection_rows& rows) const override {
    order::event happened;
    BV_TRY(order::contract::decode(logged.payload, happened));
    const auto tenant = logged.entity.tenant();
    const auto key = order_key(tenant, logged.entity.id());
    order_row row;
    BV_ASSIGN(const auto stored, rows.get(key));
    if (stored) BV_TRY(decode(*stored, row));
    if (!stored && !std::holds_alternative<order::placed>(happened))
      return failure(error_kind::internal, "projection_gap", "an event of an order came before it was placed",
                     logged.entity.text());
    const auto before = row.status;
    std::visit([&](const auto& fact) { apply_to(row, fact); }, happened);

    const auto place = newest_first(row.placed_at) + row.id;
    if (!stored) {
      rows.put(customer_orders(tenant, row.customer) + place, row.id);
      rows.put(key_in('a', tenant) + place, row.id);
    }
    if (row.status != before) {
      if (stored) rows.remove(status_prefix(tenant, before) + place);
      rows.put(status_prefix(tenant, row.status) + place, row.id);
    }
    rows.put(key, encode(row));
    return {};
  }
};

result<order_page> page_of(const runtime::projection_view& view, std::string_view tenant, bytes prefix,
                           char mark, const std::optional<std::string>& cursor, std::uint32_t limit) {
  order_page page;
  const index_range range{std::move(prefix)};
  BV_ASSIGN(page.next_cursor,
            fill_page(view, range, mark, cursor, limit, [&](const index_entry& entry) -> result<bool> {
              BV_ASSIGN(const auto stored, view.get(order_key(tenant, entry.value)));
              if (!stored) return false;
              order_row row;
              BV_TRY(decode(*stored, row));
              page.items.push_back(std::move(row));
              return true;
            }));
  return page;
}

result<order_page> answer_my_orders(const my_orders& query, const runtime::caller& from, std::string_view tenant,
                                    const runtime::projection_view& view) {
  if (from.principal.empty())
    return failure(error_kind::unauthenticated, "caller_unknown", "nobody is named");
  if (!entity_key::make(tenant, "cart", from.principal))
    return order_page{};  // no customer can be called that
  return page_of(view, tenant, customer_orders(tenant, from.principal), 'c', query.cursor, query.limit);
}

result<order_page> answer_list_orders(const list_orders& query, const runtime::caller&, std::string_view tenant,
                                      const runtime::projection_view& view) {
  if (query.status == order::status::unplaced)
    return page_of(view, tenant, key_in('a', tenant), 'a', query.cursor, query.limit);
  return page_of(view, tenant, status_prefix(tenant, query.status), 's', query.cursor, query.limit);
}

}  // namespace

std::unique_ptr<runtime::projection> make_orders_by_customer() {
  return std::make_unique<orders_projection>();
}

std::unique_ptr<runtime::query_handler> make_my_orders(view_handle view) {
  return std::make_unique<query_of<my_orders, order_page>>(std::move(view), answer_my_orders);
}

std::unique_ptr<runtime::query_handler> make_list_orders(view_handle view) {
  return std::make_unique<query_of<list_orders, order_page>>(std::move(view), answer_list_orders);
}

}  // namespace bv::commerce
