#include "tests/sagas/commerce/shop_world.hpp"

#include "actors/commerce/lines.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "tests/actors/no_facts.hpp"

namespace bv::commerce_sagas::testing {
namespace {

using namespace std::chrono_literals;
using sagas::testing::reaction;
using sagas::testing::seen_call;

}  // namespace

shop_world::shop_world(commerce::processor_options temper)
    : sagas(definitions()), types_(commerce::aggregates()) {
  auto mock = std::make_unique<mock_processor>(temper, sagas);
  processor_ = mock.get();
  sagas.add_service(std::make_shared<bv::sagas::downstream>(std::string(payment_processor), std::move(mock),
                                                            processor_policy(), sagas, sagas));
  reactions_ = bv::sagas::make_reactions("commerce_sagas", reactions(), [this](const runtime::note& note) {
    notes_.push_back(std::string(note.message));
  });
  sagas.participants = [this](const seen_call& call) {
    if (interfere)
      if (auto instead = interfere(call)) return *instead;
    const auto slash = call.who.find('/');
    const auto done = handle(call.who.substr(0, slash), call.who.substr(slash + 1), call.body, {}, call.id);
    return done ? reaction::ok() : reaction{failure(done.error())};
  };
}

shop_world::entity& shop_world::entity_of(const std::string& type, const std::string& id) {
  auto& one = entities_[{type, id}];
  if (one.type) return one;
  for (const auto& known : types_)
    if (known->contract().name() == type) one.type = known.get();
  BV_ASSERT(one.type, "the shop has no such aggregate");
  one.state = one.type->create();
  return one;
}

result<void> shop_world::handle(const std::string& type, const std::string& id, const bytes& command,
                                const std::string& principal, const std::string& command_id) {
  auto& one = entity_of(type, id);
  const auto self = entity_key::trusted("default", type, id);
  const test::no_facts known;
  auto events = one.type->handle(*one.state, command,
                                 {.now = sagas.now(),
                                  .self = self,
                                  .version = one.version,
                                  .principal = principal,
                                  .command_id = command_id,
                                  .random = 0,
                                  .known = known});
  if (!events) return failure(events.error());
  ++records_;
  for (auto& event : *events) {
    const runtime::logged_event logged{.shard = {},
                                       .offset = {},
                                       .entity = self,
                                       .version = ++one.version,
                                       .ordinal = event.ordinal,
                                       .payload = std::move(event.payload),
                                       .at = sagas.now(),
                                       .principal = principal,
                                       .trace = {},
                                       .correlation = {}};
    sagas.after(1ms, [this, logged] {
      reactions_->handle(logged, *this,
                         [](result<void> done) { BV_ASSERT(done.has_value(), "a reaction failed"); });
    });
  }
  return {};
}

void shop_world::ask(runtime::command_request request, runtime::receipt_handler answer) {
  const std::string type(request.entity.type()), id(request.entity.id());
  if (type != bv::sagas::saga_type_name) {
    const auto done = handle(type, id, request.command, {}, request.command_id);
    return done ? answer(runtime::receipt{}) : answer(failure(done.error()));
  }
  bv::sagas::run::command typed;
  const auto read = bv::sagas::run::contract::decode(request.command, typed);
  BV_ASSERT(read.has_value(), "a reaction sent what is no command");
  answer(sagas.tell(id, typed, request.command_id));
}

void shop_world::view(runtime::view_request request, runtime::view_handler answer) {
  auto& one = entity_of(std::string(request.entity.type()), std::string(request.entity.id()));
  answer(runtime::entity_view{one.version, one.type->encode(*one.state)});
}

void shop_world::stock(const std::string& sku, std::uint32_t units) {
  const auto done =
      tell<commerce::inventory::contract>(sku, commerce::inventory::initialise{"product-" + sku, units});
  BV_ASSERT(done.has_value(), "the shelf is taken");
}

void shop_world::check_out(const std::string& customer, const std::string& order_id,
                           std::map<std::string, std::uint32_t> items) {
  namespace carts = commerce::cart;
  carts::checkout_started fact{order_id, customer, {}, {}, sagas.now()};
  for (const auto& [sku, quantity] : items) fact.lines.insert({sku, sku, quantity, {12'50, "USD"}});
  const auto total = commerce::total_of(fact.lines);
  BV_ASSERT(total.has_value(), "the items have no total");
  fact.total = *total;
  // The cart's own rules have their tests; here it is as if it had been filled.
  auto& one = entity_of("cart", customer);
  for (const auto& line : fact.lines) {
    const auto filled = one.type->replay(
        *one.state,
        carts::contract::encode(carts::event(carts::item_added{line, line.quantity, sagas.now()})));
    BV_ASSERT(filled.has_value(), "the cart can't be filled");
  }
  const auto payload = carts::contract::encode(carts::event(fact));
  const auto locked = one.type->replay(*one.state, payload);
  BV_ASSERT(locked.has_value(), "the cart can't be checked out");
  const runtime::logged_event logged{.shard = {},
                                     .offset = {},
                                     .entity = entity_key::trusted("default", "cart", customer),
                                     .version = ++one.version,
                                     .ordinal = static_cast<std::uint16_t>(carts::event(fact).index()),
                                     .payload = payload,
                                     .at = sagas.now(),
                                     .principal = customer,
                                     .trace = {},
                                     .correlation = {}};
  // At least once: the second time must change nothing.
  for (int i = 0; i < 2; ++i)
    reactions_->handle(logged, *this,
                       [](result<void> done) { BV_ASSERT(done.has_value(), "a reaction failed"); });
}

}  // namespace bv::commerce_sagas::testing
