#include <doctest/doctest.h>

#include <map>

#include "protocols/schema/sagas/saga_list.hpp"
#include "sagas/engine/saga_list.hpp"
#include "tests/sagas/engine/saga_world.hpp"
#include "tests/sagas/engine/shop.hpp"

namespace bv::sagas::testing {
namespace {

using namespace std::chrono_literals;

/// A projection's table in a map.
class rows_in_memory final : public runtime::projection_rows, public runtime::projection_view {
 public:
  result<std::optional<bytes>> get(bytes_view key) const override {
    const auto found = rows_.find(bytes(key));
    if (found == rows_.end()) return std::nullopt;
    return found->second;
  }
  void put(bytes key, bytes value) override { rows_[std::move(key)] = std::move(value); }
  void remove(bytes key) override { rows_.erase(key); }
  result<void> scan(bytes_view from, bytes_view until, bool,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    for (auto i = rows_.lower_bound(bytes(from)); i != rows_.end() && i->first < until; ++i)
      if (!visit(i->first, i->second)) break;
    return {};
  }
  runtime::projection_status status() const override { return {.name = "saga_list", .events_behind = 3}; }

 private:
  std::map<bytes, bytes> rows_;
};

class list_of_sagas {
 public:
  void follow(const saga_world& world, const std::string& id) {
    const auto projection = make_saga_list();
    std::uint64_t version = 0;
    for (const auto& event : world.history(id)) {
      runtime::logged_event logged;
      logged.entity = entity_key::trusted("default", "saga", id);
      logged.version = ++version;
      logged.ordinal = static_cast<std::uint16_t>(event.index());
      logged.payload = run::contract::encode(event);
      REQUIRE(projection->apply(logged, *rows_));
    }
  }
  template <class Query>
  saga_list::saga_page ask(const Query& query, std::string_view tenant = "default") {
    const auto handlers = saga_queries(rows_);
    const auto& handler = *handlers[std::is_same_v<Query, saga_list::list_sagas> ? 0 : 1];
    const auto answer = handler.answer(encode(query), {}, tenant);
    REQUIRE(answer);
    saga_list::saga_page page;
    REQUIRE(decode(*answer, page));
    return page;
  }
  result<bytes> ask_raw(const saga_list::list_sagas& query) {
    return saga_queries(rows_)[0]->answer(encode(query), {}, "default");
  }

 private:
  std::shared_ptr<rows_in_memory> rows_ = std::make_shared<rows_in_memory>();
};

std::vector<std::string> ids_of(const saga_list::saga_page& page) {
  std::vector<std::string> ids;
  for (const auto& row : page.items) ids.push_back(row.id);
  return ids;
}

TEST_CASE("saga list: sagas are found by status and definition, newest first, page by page") {
  definition other = sale();
  other.name = "other";
  saga_world world({sale(), other});
  world.add_service("bank");
  world.participants = [](const seen_call& call) {
    if (call.body == "charge B2") return reaction::refuse("card_declined");
    return call.body.starts_with("ship") && call.who == "order/B3" ? reaction::refuse("no_van")
                                                                   : reaction::ok();
  };
  list_of_sagas list;
  for (const char* id : {"B1", "B2", "B3", "B4"}) {
    const std::string name = id == std::string("B4") ? "other" : "sale";
    REQUIRE(world.start(name, id, basket{id, {}}));
    world.run_until_quiet();
    world.run_for(1s);
    list.follow(world, saga_id(name, id));
  }
  using strings = std::vector<std::string>;
  const auto all = list.ask(saga_list::list_sagas{});
  CHECK(ids_of(all) == strings{"other-B4", "sale-B3", "sale-B2", "sale-B1"});
  CHECK(all.lag == 3);
  CHECK(!all.next_cursor);
  CHECK(all.items[1].status == run::status::parked);
  CHECK(all.items[2].status == run::status::compensated);
  CHECK(all.items[2].code == "card_declined");
  CHECK(all.items[2].step == "charge");
  CHECK(ids_of(list.ask(saga_list::list_sagas{.status = run::status::completed})) ==
        strings{"other-B4", "sale-B1"});
  CHECK(list.ask(saga_list::list_sagas{.status = run::status::running}).items.empty());
  CHECK(ids_of(list.ask(saga_list::list_sagas{.definition = "other"})) == strings{"other-B4"});
  CHECK(ids_of(list.ask(saga_list::list_dead_letters{})) == strings{"sale-B3"});
  CHECK(list.ask(saga_list::list_sagas{}, "elsewhere").items.empty());

  const auto first = list.ask(saga_list::list_sagas{.limit = 3});
  CHECK(first.items.size() == 3);
  REQUIRE(first.next_cursor);
  const auto rest = list.ask(saga_list::list_sagas{.limit = 3, .cursor = first.next_cursor});
  CHECK(ids_of(rest) == strings{"sale-B1"});
  CHECK(!rest.next_cursor);
  CHECK(list.ask_raw(saga_list::list_sagas{.cursor = "zz"}).error().code == "cursor_invalid");
}

}  // namespace
}  // namespace bv::sagas::testing
