// One row for each SKU, fed by two streams whose events come in no fixed order to each other: the catalogue
// says what it is and costs, the inventory how much there is. Each writes only its own fields; counts are
// sums.

#include "actors/commerce/stock_view.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/inventory_limits.hpp"
#include "actors/commerce/listing.hpp"
#include "actors/commerce/queries.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"

namespace bv::commerce {
namespace {

using stock_view::stock_row;

result<stock_row> row_of(std::string_view tenant, std::string_view sku,
                         const runtime::projection_rows& rows) {
  stock_row row;
  BV_ASSIGN(const auto stored, rows.get(stock_key(tenant, sku)));
  if (stored) BV_TRY(decode(*stored, row));
  row.sku = sku;
  return row;
}

void describe(stock_row& row, const product::created& fact) {
  row.product_id = fact.id;
  row.name = fact.name;
  row.price = fact.price;
  row.on_sale = true;
}
void describe(stock_row& row, const product::updated& fact) {
  if (row.product_id != fact.id) return;  // another product has the SKU by now
  row.name = fact.name;
  row.price = fact.price;
}
void describe(stock_row& row, const product::removed& fact) {
  if (row.product_id == fact.id) row.on_sale = false;
}

void count(stock_row& row, const inventory::initialised& fact) {
  row.available += fact.quantity;
}
void count(stock_row& row, const inventory::received& fact) {
  row.available += fact.quantity;
}
void count(stock_row& row, const inventory::adjusted& fact) {
  row.available += fact.delta;
}
void count(stock_row& row, const inventory::reserved& fact) {
  row.available -= fact.quantity;
  row.reserved += fact.quantity;
}
void count(stock_row& row, const inventory::released& fact) {
  row.available += fact.quantity;
  row.reserved -= fact.quantity;
}
void count(stock_row& row, const inventory::committed& fact) {
  row.reserved -= fact.quantity;
  row.sold += fact.quantity;
}
void count(stock_row& row, const inventory::reservation_expired& fact) {
  row.available += fact.quantity;
  row.reserved -= fact.quantity;
}
void count(stock_row& row, const inventory::restocked& fact) {
  row.sold -= fact.quantity;
  row.available += fact.quantity;
}
void count(stock_row&, const inventory::retired&) {}
void count(stock_row&, const inventory::reorder_needed&) {}

class stock_projection final : public runtime::projection {
 public:
  std::string name() const override { return std::string(stock_view_name); }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"product"}, {"inventory"}}; }

  result<void> apply(const runtime::logged_event& logged, runtime::projection_rows& rows) const override {
    return logged.entity.type() == "product" ? on_product(logged, rows) : on_inventory(logged, rows);
  }

 private:
  static result<void> on_product(const runtime::logged_event& logged, runtime::projection_rows& rows) {
    product::event happened;
    BV_TRY(product::contract::decode(logged.payload, happened));
    const auto& sku = std::visit([](const auto& fact) -> const std::string& { return fact.sku; }, happened);
    BV_ASSIGN(auto row, row_of(logged.entity.tenant(), sku, rows));
    std::visit([&](const auto& fact) { describe(row, fact); }, happened);
    rows.put(stock_key(logged.entity.tenant(), sku), encode(row));
    return {};
  }

  static result<void> on_inventory(const runtime::logged_event& logged, runtime::projection_rows& rows) {
    inventory::event happened;
    BV_TRY(inventory::contract::decode(logged.payload, happened));
    BV_ASSIGN(auto row, row_of(logged.entity.tenant(), logged.entity.id(), rows));
    std::visit([&](const auto& fact) { count(row, fact); }, happened);
    row.low = row.available <= reorder_point;
    rows.put(stock_key(logged.entity.tenant(), row.sku), encode(row));
    return {};
  }
};

result<stock_view::stock_page> list_stock(const stock_view::list_stock& query, const runtime::caller&,
                                          std::string_view tenant, const runtime::projection_view& view) {
  stock_view::stock_page page;
  const index_range all{stock_key(tenant, "")};
  BV_ASSIGN(page.next_cursor, fill_page(view, all, 's', query.cursor, query.limit,
                                        [&](const index_entry& entry) -> result<bool> {
                                          stock_row row;
                                          BV_TRY(decode(entry.value, row));
                                          if (query.low_only && !row.low) return false;
                                          page.items.push_back(std::move(row));
                                          return true;
                                        }));
  return page;
}

}  // namespace

bytes stock_key(std::string_view tenant, std::string_view sku) {
  bytes key("s/");
  key.append(tenant).append("/").append(sku);
  return key;
}

std::optional<stock_view::stock_row> find_stock(const runtime::context& about, std::string_view sku) {
  return about.find<stock_view::stock_row>(stock_view_name, stock_key(about.self.tenant(), sku));
}

std::unique_ptr<runtime::projection> make_stock_view() {
  return std::make_unique<stock_projection>();
}

std::unique_ptr<runtime::query_handler> make_list_stock(view_handle view) {
  return std::make_unique<query_of<stock_view::list_stock, stock_view::stock_page>>(std::move(view),
                                                                                    list_stock);
}

}  // namespace bv::commerce
