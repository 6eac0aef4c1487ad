// Sagas, newest first. One row a saga, found through two indices:
//
//   r/<tenant>/<id>                          the row
//   a/<tenant>/<newest first><id>            → id, all
//   s/<tenant>/<status>/<newest first><id>   → id, those at one status; the parked ones are the dead letters
//
// Progress within a status is not in it: a saga's own state tells that, and the list stays cheap to keep.

#include "sagas/engine/saga_list.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "protocols/schema/sagas/saga.hpp"
#include "protocols/schema/sagas/saga_list.hpp"

namespace bv::sagas {
namespace {

using saga_list::saga_page;
using saga_list::saga_row;
using view_handle = std::shared_ptr<const runtime::projection_view>;

/// Rows that one request looks at, at most; a page that hits it is short and names where to go on.
constexpr std::size_t rows_per_request_max = 2'000;
constexpr std::size_t time_size_bytes = 8;

bytes key_in(char table, std::string_view tenant) {
  bytes key(1, table);
  return key.append("/").append(tenant).append("/");
}
bytes row_key(std::string_view tenant, std::string_view id) {
  return key_in('r', tenant).append(id);
}
bytes status_prefix(std::string_view tenant, run::status status) {
  return key_in('s', tenant).append(to_string(status)).append("/");
}

/// Sorts the newest first: the complement of the time, most significant byte first.
bytes place_of(const saga_row& row) {
  auto number = ~static_cast<std::uint64_t>(row.started_at.ns);
  bytes place(time_size_bytes, '\0');
  for (std::size_t i = time_size_bytes; i-- > 0; number >>= 8) place[i] = static_cast<char>(number & 0xff);
  return place + row.id;
}

// What each event says about a row; false if nothing.

template <class Fact>
bool tell(saga_row&, const Fact&) {
  return false;
}
void move_to(saga_row& row, run::status status, timestamp at) {
  row.status = status;
  row.updated_at = at;
}
void blame(saga_row& row, const run::fault& fault) {
  row.step = fault.step;
  row.code = fault.code;
  row.message = fault.message;
}
bool tell(saga_row& row, const run::started& fact) {
  row.definition = fact.definition;
  row.version = fact.version;
  row.started_at = fact.at;
  move_to(row, run::status::running, fact.at);
  return true;
}
bool tell(saga_row& row, const run::compensation_began& fact) {
  blame(row, fact.fault);
  move_to(row, run::status::compensating, fact.at);
  return true;
}
bool tell(saga_row& row, const run::completed& fact) {
  return move_to(row, run::status::completed, fact.at), true;
}
bool tell(saga_row& row, const run::compensated& fact) {
  move_to(row, fact.cause == run::cause::cancel ? run::status::cancelled : run::status::compensated, fact.at);
  return true;
}
bool tell(saga_row& row, const run::parked& fact) {
  blame(row, fact.fault);
  move_to(row, run::status::parked, fact.at);
  return true;
}
bool tell(saga_row& row, const run::redriven& fact) {
  return move_to(row, fact.into, fact.at), true;
}
bool tell(saga_row& row, const run::discarded& fact) {
  return move_to(row, run::status::discarded, fact.at), true;
}

/// Most events of a saga are steps: they are not even decoded.
bool is_step(std::uint16_t ordinal) {
  static const std::uint16_t steps[] = {
      static_cast<std::uint16_t>(run::event(run::step_done{}).index()),
      static_cast<std::uint16_t>(run::event(run::attempt_failed{}).index()),
      static_cast<std::uint16_t>(run::event(run::step_undone{}).index()),
  };
  return std::ranges::find(steps, ordinal) != std::end(steps);
}

class saga_list_projection final : public runtime::projection {
 public:
  std::string name() const override { return "saga_list"; }
  std::uint32_t revision() const override { return 1; }
  std::vector<runtime::event_interest> interests() const override { return {{"saga"}}; }

  result<void> apply(const runtime::logged_event& logged, runtime::projection_rows& rows) const override {
    if (is_step(logged.ordinal)) return {};
    run::event happened;
    BV_TRY(run::contract::decode(logged.payload, happened));
    const auto tenant = logged.entity.tenant();
    const auto key = row_key(tenant, logged.entity.id());
    saga_row row;
    BV_ASSIGN(const auto stored, rows.get(key));
    if (stored) BV_TRY(decode(*stored, row));
    row.id = logged.entity.id();
    const auto before = row.status;
    if (!std::visit([&](const auto& fact) { return tell(row, fact); }, happened)) return {};
    if (!stored && !std::holds_alternative<run::started>(happened))
      return failure(error_kind::internal, "projection_gap", "an event of a saga came before it was started",
                     logged.entity.text());

    const auto place = place_of(row);
    if (!stored) rows.put(key_in('a', tenant) + place, row.id);
    if (row.status != before) {
      if (stored) rows.remove(status_prefix(tenant, before) + place);
      rows.put(status_prefix(tenant, row.status) + place, row.id);
    }
    rows.put(key, encode(row));
    return {};
  }
};

// --- Pages
// ---------------------------------------------------------------------------------------------------

constexpr std::string_view digits = "0123456789abcdef";

std::string to_cursor(bytes_view place) {
  std::string text;
  for (const char c : place) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 0xf];
  }
  return text;
}

result<bytes> from_cursor(std::string_view text) {
  bytes place;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) break;
    place += static_cast<char>(high << 4 | low);
  }
  if (place.size() * 2 != text.size() || place.size() <= time_size_bytes)
    return failure(error_kind::invalid, "cursor_invalid", "the cursor is not one that this list has given",
                   "cursor");
  return place;
}

struct page_wish {
  bytes prefix;  ///< ends with a slash
  std::optional<std::string> definition;
  std::uint32_t limit;
  std::optional<std::string> cursor;
};

result<saga_page> page_of(const runtime::projection_view& view, std::string_view tenant,
                          const page_wish& wish) {
  auto from = wish.prefix;
  if (wish.cursor && !wish.cursor->empty()) {
    BV_ASSIGN(const auto after, from_cursor(*wish.cursor));
    from += after + '\0';
  }
  auto until = wish.prefix;
  until.back() = '/' + 1;
  // One more than could be needed, so that a full last page knows that it is the last.
  const auto wanted = wish.definition ? rows_per_request_max + 1 : wish.limit + std::size_t{1};
  std::vector<std::pair<bytes, bytes>> found;
  BV_TRY(view.scan(from, until, false, [&](bytes_view key, bytes_view id) {
    found.emplace_back(key.substr(wish.prefix.size()), id);
    return found.size() < wanted;
  }));

  saga_page page;
  for (std::size_t seen = 0; seen < found.size(); ++seen) {
    if (page.items.size() == wish.limit || seen == rows_per_request_max) {
      page.next_cursor = to_cursor(found[seen - 1].first);
      break;
    }
    BV_ASSIGN(const auto stored, view.get(row_key(tenant, found[seen].second)));
    if (!stored) continue;  // the index was read a moment before the row
    saga_row row;
    BV_TRY(decode(*stored, row));
    if (!wish.definition || row.definition == *wish.definition) page.items.push_back(std::move(row));
  }
  return page;
}

/// A query as a plain function from its parameters to what is wished for.
template <class Query>
class list_query final : public runtime::query_handler {
 public:
  using translation = page_wish (*)(const Query&, std::string_view tenant);
  list_query(view_handle view, translation wished) : view_(std::move(view)), wished_(wished) {}

  const schema::query_contract& contract() const override { return contract_of(Query{}); }

  result<bytes> answer(bytes_view parameters, const runtime::caller&,
                       std::string_view tenant) const override {
    Query query;
    BV_TRY(decode(parameters, query));
    BV_TRY(validate(query));
    BV_ASSIGN(auto page, page_of(*view_, tenant, wished_(query, tenant)));
    page.lag = view_->status().events_behind;
    return encode(page);
  }

 private:
  view_handle view_;
  translation wished_;
};

page_wish wished(const saga_list::list_sagas& query, std::string_view tenant) {
  const bool all = query.status == run::status::unstarted;
  return {all ? key_in('a', tenant) : status_prefix(tenant, query.status), query.definition, query.limit,
          query.cursor};
}

page_wish wished_dead(const saga_list::list_dead_letters& query, std::string_view tenant) {
  return {status_prefix(tenant, run::status::parked), query.definition, query.limit, query.cursor};
}

}  // namespace

std::unique_ptr<runtime::projection> make_saga_list() {
  return std::make_unique<saga_list_projection>();
}

std::vector<std::unique_ptr<runtime::query_handler>> saga_queries(view_handle view) {
  std::vector<std::unique_ptr<runtime::query_handler>> made;
  made.push_back(std::make_unique<list_query<saga_list::list_sagas>>(view, wished));
  made.push_back(std::make_unique<list_query<saga_list::list_dead_letters>>(view, wished_dead));
  return made;
}

}  // namespace bv::sagas
