// The catalogue to browse. Besides a row for each product there are, for each sort order, an index of all
// products and one for each category, and an index of words:
//
//   p/<tenant>/<id>                                      the row
//   i/<tenant>/<order>/*\0<sort key>\0<id>               → id, all products
//   i/<tenant>/<order>/=<category>\0<sort key>\0<id>     → id, of a category
//   w/<tenant>/<word>\0<id>                              → id
//
// A query walks one index in order and drops what does not fit. With words it first asks how many products
// have the longest of them: if they are few, it takes those and sorts them; if they are many, walking in
// order finds a page of them soon. Either way a place is the same <sort key>\0<id>, so a cursor may change
// plans.

#include <algorithm>
#include <set>

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/listing.hpp"
#include "actors/commerce/queries.hpp"
#include "actors/commerce/words.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/commerce/product_search.hpp"

namespace bv::commerce {
namespace {

using product_search::order;
using product_search::product_page;
using product_search::product_row;
using product_search::search_products;
using product_search::sort;

/// Products that are fetched and sorted for one request; a word that more have is walked for instead.
constexpr std::size_t candidates_max = 1'000;
constexpr std::size_t query_words_max = 10;

char letter(sort by) {
  switch (by) {
    case sort::name: return 'n';
    case sort::price: return 'p';
    case sort::created_at: return 'c';
  }
  return 'n';
}

bytes product_key(std::string_view tenant, std::string_view id) {
  bytes key("p/");
  key.append(tenant).append("/").append(id);
  return key;
}

bytes index_prefix(std::string_view tenant, sort by, const std::optional<std::string>& category) {
  bytes key("i/");
  key.append(tenant).append("/") += letter(by);
  key.append(category ? "/=" + *category : "/*") += '\0';
  return key;
}

bytes word_prefix(std::string_view tenant, std::string_view beginning) {
  bytes key("w/");
  key.append(tenant).append("/").append(beginning);
  return key;
}

bytes place_of(const product_row& row, sort by) {
  bytes place;
  switch (by) {
    case sort::name: place = fold(row.name); break;
    case sort::price: place = ascending(static_cast<std::uint64_t>(row.price.minor)); break;
    case sort::created_at: place = ascending(static_cast<std::uint64_t>(row.created_at.ns)); break;
  }
  place += '\0';
  place += row.id;
  return place;
}

std::vector<std::string> words_of_row(const product_row& row) {
  return words_of(row.name + " " + row.sku + " " + row.description);
}

/// Every key beside the row itself that finds it.
std::vector<bytes> index_keys(std::string_view tenant, const product_row& row) {
  std::vector<bytes> keys;
  for (const auto by : {sort::name, sort::price, sort::created_at}) {
    const auto place = place_of(row, by);
    keys.push_back(index_prefix(tenant, by, std::nullopt) + place);
    keys.push_back(index_prefix(tenant, by, row.category) + place);
  }
  for (const auto& word : words_of_row(row)) keys.push_back(word_prefix(tenant, word) + '\0' + row.id);
  return keys;
}

class search_projection final : public runtime::projection {
 public:
  std::string name() const override { return "product_search"; }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"product"}}; }

  result<void> apply(const runtime::logged_event& logged, runtime::projection_rows& rows) const override {
    product::event happened;
    BV_TRY(product::contract::decode(logged.payload, happened));
    const auto tenant = logged.entity.tenant();
    const auto key = product_key(tenant, logged.entity.id());
    product_row row;
    BV_ASSIGN(const auto stored, rows.get(key));
    if (stored) {
      BV_TRY(decode(*stored, row));
      for (auto& old : index_keys(tenant, row)) rows.remove(std::move(old));
    }
    if (std::holds_alternative<product::removed>(happened)) {
      rows.remove(key);
      return {};
    }
    if (const auto* made = std::get_if<product::created>(&happened))
      row = {made->id,       made->sku,   made->name, made->description,
             made->category, made->price, made->at,   made->at};
    if (const auto* changed = std::get_if<product::updated>(&happened))
      row = {changed->id,       changed->sku,   changed->name,  changed->description,
             changed->category, changed->price, row.created_at, changed->at};
    for (auto& fresh : index_keys(tenant, row)) rows.put(std::move(fresh), row.id);
    rows.put(key, encode(row));
    return {};
  }
};

/// A query made ready: what a row must fulfil.
struct wanted {
  const search_products& query;
  std::vector<std::string> words;

  bool fits(const product_row& row) const {
    if (query.category && row.category != *query.category) return false;
    if (row.price.minor < query.min_price) return false;
    if (query.max_price > 0 && row.price.minor > query.max_price) return false;
    if (words.empty()) return true;
    const auto has = words_of_row(row);
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      const auto at = std::lower_bound(has.begin(), has.end(), word);
      return at != has.end() && at->starts_with(word);
    });
  }
};

result<std::optional<product_row>> fetch(const runtime::projection_view& view, std::string_view tenant,
                                         std::string_view id) {
  BV_ASSIGN(const auto stored, view.get(product_key(tenant, id)));
  if (!stored) return std::optional<product_row>{};  // removed since the index was read
  product_row row;
  BV_TRY(decode(*stored, row));
  return std::optional(std::move(row));
}

/// Ids of the products that have a word with this beginning; nothing if they are too many to sort.
result<std::optional<std::set<bytes>>> candidates(const runtime::projection_view& view,
                                                  std::string_view tenant, std::string_view beginning) {
  const index_range range{word_prefix(tenant, beginning)};
  BV_ASSIGN(const auto entries, read_index(view, range, std::nullopt, candidates_max + 1));
  if (entries.size() > candidates_max) return std::optional<std::set<bytes>>{};
  std::set<bytes> ids;
  for (const auto& entry : entries) ids.insert(entry.value);
  return std::optional(std::move(ids));
}

char mark_of(const search_products& query) {
  const auto mark = letter(query.sort);
  return query.order == order::asc ? mark : static_cast<char>(mark - 'a' + 'A');
}

result<product_page> sort_candidates(const runtime::projection_view& view, std::string_view tenant,
                                     const wanted& want, const std::set<bytes>& ids) {
  const bool descending = want.query.order == order::desc;
  std::optional<bytes> after;
  if (want.query.cursor && !want.query.cursor->empty()) {
    BV_ASSIGN(after, from_cursor(mark_of(want.query), *want.query.cursor));
  }
  std::vector<std::pair<bytes, product_row>> found;
  for (const auto& id : ids) {
    BV_ASSIGN(auto row, fetch(view, tenant, id));
    if (!row || !want.fits(*row)) continue;
    auto place = place_of(*row, want.query.sort);
    if (after && (descending ? place >= *after : place <= *after)) continue;
    found.emplace_back(std::move(place), std::move(*row));
  }
  std::sort(found.begin(), found.end(),
            [&](const auto& a, const auto& b) { return descending ? b.first < a.first : a.first < b.first; });
  product_page page;
  if (found.size() > want.query.limit) {
    found.resize(want.query.limit);
    page.next_cursor = to_cursor(mark_of(want.query), found.back().first);
  }
  for (auto& [place, row] : found) page.items.push_back(std::move(row));
  return page;
}

result<product_page> walk_in_order(const runtime::projection_view& view, std::string_view tenant,
                                   const wanted& want) {
  const auto& query = want.query;
  index_range range{index_prefix(tenant, query.sort, query.category)};
  range.descending = query.order == order::desc;
  if (query.sort == sort::price) {
    range.first = ascending(static_cast<std::uint64_t>(query.min_price));
    if (query.max_price > 0) range.last = ascending(static_cast<std::uint64_t>(query.max_price) + 1);
  }
  product_page page;
  BV_ASSIGN(page.next_cursor, fill_page(view, range, mark_of(query), query.cursor, query.limit,
                                        [&](const index_entry& entry) -> result<bool> {
                                          BV_ASSIGN(auto row, fetch(view, tenant, entry.value));
                                          if (!row || !want.fits(*row)) return false;
                                          page.items.push_back(std::move(*row));
                                          return true;
                                        }));
  return page;
}

result<product_page> search(const search_products& asked, const runtime::caller&, std::string_view tenant,
                            const runtime::projection_view& view) {
  auto query = asked;
  if (query.category && query.category->empty()) query.category.reset();  // a form that was left blank
  wanted want{query, query.text ? words_of(*query.text) : std::vector<std::string>{}};
  if (want.words.size() > query_words_max) want.words.resize(query_words_max);
  if (!want.words.empty()) {
    const auto longest = std::max_element(want.words.begin(), want.words.end(),
                                          [](const auto& a, const auto& b) { return a.size() < b.size(); });
    BV_ASSIGN(const auto few, candidates(view, tenant, *longest));
    if (few) return sort_candidates(view, tenant, want, *few);
  }
  return walk_in_order(view, tenant, want);
}

}  // namespace

std::unique_ptr<runtime::projection> make_product_search() {
  return std::make_unique<search_projection>();
}

std::unique_ptr<runtime::query_handler> make_search_products(view_handle view) {
  return std::make_unique<query_of<search_products, product_page>>(std::move(view), search);
}

}  // namespace bv::commerce
