// A customer's payments, newest first:
//
//   p/<tenant>/<id>                            the row
//   c/<tenant>/<customer>/<newest first><id>   → id

#include "protocols/schema/commerce/payments_by_customer.hpp"
#include "actors/commerce/commerce.hpp"
#include "actors/commerce/listing.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/commerce/payment.hpp"

namespace bv::commerce {
namespace {

using payments_by_customer::my_payments;
using payments_by_customer::payment_page;
using payments_by_customer::payment_row;

bytes payment_key(std::string_view tenant, std::string_view id) {
  bytes key("p/");
  key.append(tenant).append("/").append(id);
  return key;
}

bytes customer_payments(std::string_view tenant, std::string_view customer) {
  bytes key("c/");
  key.append(tenant).append("/").append(customer).append("/");
  return key;
}

void move_to(payment_row& row, payment::status status, timestamp at) {
  row.status = status;
  row.updated_at = at;
}
void apply_to(payment_row& row, const payment::requested& fact) {
  row = {fact.id, fact.customer, fact.order_id, payment::status::requested, fact.amount, 0, fact.at, fact.at};
}
void apply_to(payment_row& row, const payment::authorized& fact) {
  move_to(row, payment::status::authorized, fact.at);
}
void apply_to(payment_row& row, const payment::declined& fact) {
  move_to(row, payment::status::declined, fact.at);
}
void apply_to(payment_row& row, const payment::attempt_failed& fact) {
  row.updated_at = fact.at;
}
void apply_to(payment_row& row, const payment::captured& fact) {
  move_to(row, payment::status::captured, fact.at);
}
void apply_to(payment_row& row, const payment::voided& fact) {
  move_to(row, payment::status::voided, fact.at);
}
void apply_to(payment_row& row, const payment::refund_made& fact) {
  row.refunded_minor += fact.amount.minor;
  move_to(row, fact.left.minor == 0 ? payment::status::refunded : payment::status::captured, fact.at);
}
void apply_to(payment_row& row, const payment::timed_out& fact) {
  move_to(row, payment::status::timed_out, fact.at);
}

class payments_projection final : public runtime::projection {
 public:
  std::string name() const override { return "payments_by_customer"; }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"payment"}}; }

  result<void> apply(const runtime::logged_event& logged, runtime::projection_rows& rows) const override {
    payment::event happened;
    BV_TRY(payment::contract::decode(logged.payload, happened));
    const auto tenant = logged.entity.tenant();
    const auto key = payment_key(tenant, logged.entity.id());
    payment_row row;
    BV_ASSIGN(const auto stored, rows.get(key));
    if (stored) BV_TRY(decode(*stored, row));
    // One that was voided before it was asked for is nobody's.
    if (!stored && !std::holds_alternative<payment::requested>(happened)) return {};
    std::visit([&](const auto& fact) { apply_to(row, fact); }, happened);
    if (!stored)
      rows.put(customer_payments(tenant, row.customer) + newest_first(row.requested_at) + row.id, row.id);
    rows.put(key, encode(row));
    return {};
  }
};

result<payment_page> answer_my_payments(const my_payments& query, const runtime::caller& from, std::string_view tenant,
                                        const runtime::projection_view& view) {
  if (from.principal.empty())
    return failure(error_kind::unauthenticated, "caller_unknown", "nobody is named");
  if (!entity_key::make(tenant, "cart", from.principal))
    return payment_page{};  // no customer can be called that
  payment_page page;
  const index_range range{customer_payments(tenant, from.principal)};
  BV_ASSIGN(
      page.next_cursor,
      fill_page(view, range, 'p', query.cursor, query.limit, [&](const index_entry& entry) -> result<bool> {
        BV_ASSIGN(const auto stored, view.get(payment_key(tenant, entry.value)));
        if (!stored) return false;
        payment_row row;
        BV_TRY(decode(*stored, row));
        page.items.push_back(std::move(row));
        return true;
      }));
  return page;
}

}  // namespace

std::unique_ptr<runtime::projection> make_payments_by_customer() {
  return std::make_unique<payments_projection>();
}

std::unique_ptr<runtime::query_handler> make_my_payments(view_handle view) {
  return std::make_unique<query_of<my_payments, payment_page>>(std::move(view), answer_my_payments);
}

}  // namespace bv::commerce
