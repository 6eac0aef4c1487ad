#include "sim/run/client.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/json.hpp"
#include "sim/plan/command_body.hpp"
#include "sim/run/json_field.hpp"
#include "sim/world/batch_records.hpp"

namespace bv::sim {
namespace {

const std::string here = "clients";

/// Whether the same may be asked again and go better.
bool may_pass(error_kind kind) {
  return kind == error_kind::overloaded || kind == error_kind::unavailable || kind == error_kind::timeout ||
         kind == error_kind::internal;
}

result<std::pair<const schema::aggregate_contract*, entity_key>> address(
    const std::vector<const schema::aggregate_contract*>& contracts, const std::string& text) {
  const auto slash = text.find('/');
  const auto* const contract = find_contract(contracts, text.substr(0, slash));
  if (slash == std::string::npos || !contract)
    return failure(error_kind::invalid, "plan_entity_unknown", "\"" + text + "\" is not type/id of an aggregate of the shop");
  BV_ASSIGN(auto key, entity_key::make(entity_key::default_tenant, contract->name(), text.substr(slash + 1)));
  return std::pair{contract, std::move(key)};
}

const std::string* entity_of(const client_step& step) {
  if (const auto* one = std::get_if<ask_step>(&step)) return &one->entity;
  if (const auto* one = std::get_if<view_step>(&step)) return &one->entity;
  if (const auto* one = std::get_if<await_step>(&step)) return &one->entity;
  return nullptr;
}

}  // namespace

client::client(const client_script& script, const client_surroundings& around)
    : script_(script), around_(around), lots_(runtime::derive_seed(around.what.seed, "client/" + script.name)) {}

result<std::unique_ptr<client>> client::make(const client_script& script, const client_surroundings& around) {
  std::unique_ptr<client> made(new client(script, around));
  if (script.node >= around.what.where.nodes)
    return failure(error_kind::invalid, "plan_node_unknown", "client " + script.name + " talks to a node that is not there");
  BV_TRY(made->prepare());
  return made;
}

result<void> client::prepare() {
  for (const auto& step : script_.steps) {
    auto& one = prepared_.emplace_back();
    const auto* const entity = entity_of(step);
    if (!entity) continue;
    BV_ASSIGN(std::tie(one.contract, one.entity), address(around_.contracts, *entity));
    const auto* const ask = std::get_if<ask_step>(&step);
    if (!ask) continue;
    const auto* const command = one.contract->find_command(ask->command);
    if (!command)
      return failure(error_kind::invalid, "plan_command_unknown", one.contract->name() + " has no command " + ask->command);
    BV_ASSIGN(one.body, encode_command(*one.contract, *command, ask->body));
  }
  return {};
}

void client::tell(std::string what) {
  around_.log.add(around_.in.time().now(), trace_kind::client, "client " + script_.name, what);
}

void client::next() {
  if (step_ == script_.steps.size()) return end();
  const auto& step = script_.steps[step_];
  const auto& with = prepared_[step_++];
  if (const auto* one = std::get_if<ask_step>(&step)) return perform(*one, with);
  if (const auto* one = std::get_if<view_step>(&step)) return perform(*one, with);
  if (const auto* one = std::get_if<await_step>(&step)) return perform(*one, with);
  around_.in.time().after(std::get<wait_step>(step).time, [this] { next(); });
}

void client::perform(const ask_step& step, const prepared& with) {
  const auto place = around_.history.size();
  attempt(converse(with, {step.command, step.copies}, [this, place, optional = step.optional] {
    const auto& outcome = around_.history[place].outcome;
    std::holds_alternative<operation::accepted>(outcome) || optional ? next() : end();
  }));
}

void client::perform(const view_step& step, const prepared& with) {
  attempt(converse(with, {.stale = step.stale}, [this] { next(); }));
}

void client::perform(const await_step& step, const prepared& with) { look(step, with, around_.in.time().now()); }

void client::look(const await_step& step, const prepared& with, timestamp since) {
  const auto place = around_.history.size();
  attempt(converse(with, {}, [this, &step, &with, since, place] {
    if (matches(step, with, around_.history[place])) return next();
    const auto now = around_.in.time().now();
    if (now - since >= step.within) {
      tell("gives up waiting for " + step.entity + " " + step.path);
      if (step.required)
        around_.violations.push_back({"awaited", "client " + script_.name + " waited for " + step.entity + " " + step.path +
                                                     " to be " + step.values.front() + " in vain", now});
      return end();
    }
    // The longer it takes the less often it looks.
    constexpr std::int64_t share = 10;
    const auto pause = std::max<duration>(draw({std::chrono::milliseconds{200}, std::chrono::milliseconds{400}}, lots_),
                                          (now - since) / share);
    around_.in.time().after(std::min(pause, since + step.within - now), [this, &step, &with, since] { look(step, with, since); });
  }));
}

bool client::matches(const await_step& step, const prepared& with, const operation& seen) const {
  const auto* const view = std::get_if<operation::seen>(&seen.outcome);
  if (!view) return false;
  const auto json = schema::to_json(with.contract->state(), view->state);
  if (!json) return false;
  const auto value = json_field(*json, step.path);
  return value && std::ranges::find(step.values, *value) != step.values.end();
}

client::shared_conversation client::converse(const prepared& with, question what, std::function<void()> then) {
  auto about = std::make_shared<conversation>();
  about->operation = around_.history.size();
  about->copies = what.copies;
  about->then = std::move(then);
  const bool is_view = what.command.empty();
  around_.history.push_back({.client = script_.name, .user = user(), .node = around_.what.where.shop_of(script_.node), .entity = with.entity,
                             .command = std::move(what.command), .stale = what.stale, .body = with.body,
                             .command_id = is_view ? "" : script_.name + "/" + std::to_string(step_),
                             .invoked = around_.in.time().now()});
  if (!is_view) tell(around_.history.back().command + " " + std::string(with.entity.type_and_id()));
  return about;
}

void client::attempt(const shared_conversation& about) {
  const auto number = ++about->attempt;
  around_.history[about->operation].attempts = number;
  for (std::uint32_t i = 0; i < about->copies; ++i) send_copy(about);
  around_.in.time().after(around_.what.clients_patience.answer_within, [this, about, number] {
    heard(about, number, failure(error_kind::timeout, "silence", "no answer came"));
  });
}

/// Of a cluster any node takes any request: who was not answered turns to the next.
sim_node& client::node_for(std::uint32_t attempt) {
  auto& nodes = around_.in.nodes();
  return *nodes.at(around_.what.where.clustered() ? (script_.node + attempt - 1) % nodes.size() : script_.node);
}

void client::send_copy(const shared_conversation& about) {
  const auto number = about->attempt;
  auto& node = node_for(number);
  const auto reply = [this, about, number, &node](result<decltype(operation::outcome)> said) {
    around_.in.net().send(node.name(), here, "an answer", [this, about, number, said = std::move(said)] {
      heard(about, number, said);
    });
  };
  around_.in.net().send(here, node.name(), "a request", [this, about, reply, &node] {
    const auto& asked = around_.history[about->operation];
    if (!node.up()) return reply(failure(error_kind::unavailable, "refused", "nobody listens there"));
    if (asked.command.empty())
      return node.view({.entity = asked.entity, .wanted = asked.stale ? runtime::consistency::stale : runtime::consistency::linearizable},
                       [reply, &node](result<runtime::entity_view> got) {
                         if (!got) return reply(failure(std::move(got).error()));
                         reply(operation::seen{got->version, std::move(got->state), node.number(), node.life()});
                       });
    node.ask({.entity = asked.entity, .command = asked.body, .command_id = asked.command_id,
                .from = {.principal = asked.user, .trace = {}, .correlation = {}}, .deadline = {}, .expected_version = {}},
               [reply](result<runtime::receipt> got) {
                 if (!got) return reply(failure(std::move(got).error()));
                 reply(operation::accepted{got->version, std::move(got->events)});
               });
  });
}

void client::heard(const shared_conversation& about, std::uint32_t attempt, result<decltype(operation::outcome)> said) {
  if (about->over) return compare(about, said);
  if (said) return conclude(about, *std::move(said));
  if (!may_pass(said.error().kind)) return conclude(about, operation::refused{std::move(said).error()});
  if (attempt != about->attempt) return;
  if (attempt >= around_.what.clients_patience.attempts_max) {
    tell("gives up: " + said.error().code);
    return conclude(about, operation::unknown{});
  }
  const auto number = about->attempt;
  around_.in.time().after(draw(around_.what.clients_patience.pause, lots_), [this, about, number] {
    if (!about->over && about->attempt == number) this->attempt(about);
  });
}

/// Another copy, or an answer that was given up too early: one command has one answer.
void client::compare(const shared_conversation& about, const result<decltype(operation::outcome)>& said) {
  const auto& first = around_.history[about->operation];
  const auto* const accepted = std::get_if<operation::accepted>(&first.outcome);
  const auto* const refused = std::get_if<operation::refused>(&first.outcome);
  bool same = true;
  if (said) {
    const auto* const again = std::get_if<operation::accepted>(&*said);
    if (again && accepted) same = again->version == accepted->version && again->events == accepted->events;
    if (again && refused) same = refused->why.kind != error_kind::conflict;
  } else if (said.error().kind == error_kind::conflict) {
    same = !accepted && !(refused && refused->why.code != said.error().code);
  }
  if (!same)
    around_.violations.push_back({"acknowledged_once", "command " + first.command_id + " of " + first.entity.text() +
                                                           " got two different answers", around_.in.time().now()});
}

void client::conclude(const shared_conversation& about, decltype(operation::outcome) outcome) {
  about->over = true;
  auto& asked = around_.history[about->operation];
  asked.outcome = std::move(outcome);
  if (!std::holds_alternative<operation::unknown>(asked.outcome)) asked.returned = around_.in.time().now();
  if (const auto* refused = std::get_if<operation::refused>(&asked.outcome))
    tell("is refused: " + refused->why.code);
  else if (const auto* accepted = std::get_if<operation::accepted>(&asked.outcome))
    tell(asked.command + " is accepted, version " + std::to_string(accepted->version));
  about->then();
}

}  // namespace bv::sim
