// The half of the supervisor that asks others.
#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"
#include "sagas/engine/supervisor.hpp"

namespace bv::sagas {
namespace {

/// Followers and members of an undo stand beside those of the action.
constexpr std::uint16_t undo_place = 0x8000;
constexpr std::size_t reason_size_max = 200;  // the contract's

/// A saga that is a part of this one must be completed; of one that was only waited for any end will do.
result<bytes> outcome_of(const call& asked, const run::member& ended) {
  if (asked.to != call::target::saga || ended.status == run::status::completed)
    return bytes(run::to_string(ended.status));
  const auto why = ended.fault ? ended.fault->message : std::string();
  return failure(error_kind::conflict,
                 ended.fault ? ended.fault->code : "saga_" + std::string(to_string(ended.status)),
                 "saga " + saga_id(asked.name, asked.id) + " ended " + std::string(to_string(ended.status)) +
                     (why.empty() ? "" : ": " + why));
}

}  // namespace

std::uint16_t supervisor::place_of(const branch& one) const {
  return working_.status == run::status::compensating ? static_cast<std::uint16_t>(one.number | undo_place)
                                                      : one.number;
}

/// What is known without asking: how the saga ended that the branch waits for, or what an earlier go was answered.
std::optional<result<bytes>> supervisor::known_answer(const branch& one) const {
  if (const auto* ended = member_of(one)) return outcome_of(one.asked, *ended);
  if (got_done_.step != working_.current || got_done_.direction != working_.status) return std::nullopt;
  const auto found = got_done_.answers.find(one.number);
  return found == got_done_.answers.end() ? std::nullopt : std::optional(result<bytes>(found->second));
}

/// How the saga ended that the branch waits for, or null.
const run::member* supervisor::member_of(const branch& one) const {
  if (one.asked.to == call::target::entity || one.asked.to == call::target::service) return nullptr;
  for (const auto& member : working_.members)
    if (member.step == working_.current && member.branch == place_of(one)) return &member;
  return nullptr;
}

void supervisor::launch() {
  while (const auto* one = open_->next()) {
    if (auto known = known_answer(*one))
      open_->answered(one->number, *std::move(known));
    else
      ask(*one);
  }
}

/// The same for every retry of a call, and the same after a restart: whoever is asked answers the first
/// answer again. Only a redrive of a refused call takes a new one, because the refusal would stand.
std::string supervisor::command_id(const branch& one, run::status direction) const {
  const auto& renewed = working_.steps[working_.current].renewed;
  const auto times = std::ranges::count(renewed, one.number);
  auto id = std::string(self_.id()) + "#" + std::to_string(working_.current) + "." +
            std::to_string(one.number) + (direction == run::status::compensating ? "u" : "a");
  if (times > 0) id += "." + std::to_string(times);
  if (mutated(mutation::unknown_outcome_under_new_id)) id += "~" + std::to_string(services_.random().next());
  return id;
}

/// A call that is undone may still be on its way, from this supervisor's predecessor on another node too.
runtime::command_request supervisor::request_for(const branch& one, const entity_key& who, bytes command) const {
  auto request = request_to(who, std::move(command), command_id(one, working_.status));
  if (one.undoes_there) request.voids = command_id(one, run::status::running);
  request.deadline = services_.now() + definition_->steps[working_.current].answer_within;
  return request;
}

runtime::command_request supervisor::request_to(const entity_key& who, bytes command, std::string id) const {
  return {.entity = who,
          .command = std::move(command),
          .command_id = std::move(id),
          .from = {.principal = {}, .trace = latest_.trace, .correlation = latest_.correlation},
          .deadline = {},
          .expected_version = {}};
}

void supervisor::ask(const branch& one) {
  ++under_way_;
  engine_->measured.calls.add();
  switch (one.asked.to) {
    case call::target::entity: return ask_entity(one);
    case call::target::service: return ask_service(one);
    case call::target::saga:
    case call::target::saga_end:
    case call::target::saga_cancel: return ask_saga(one);
  }
}

void supervisor::ask_entity(const branch& one) {
  const auto number = one.number;
  auto who = entity_key::make(self_.tenant(), one.asked.name, one.asked.id);
  if (!who)
    return services_.after(
        {}, [this, epoch = epoch_, number, why = who.error()] { answered(epoch, number, failure(why)); });
  auto request = request_for(one, *who, one.asked.body);
  services_.ask(std::move(request), [this, epoch = epoch_, number](result<runtime::receipt> done) {
    answered(epoch, number, done ? result<bytes>(bytes()) : failure(std::move(done).error()));
  });
}

void supervisor::ask_service(const branch& one) {
  auto deliver = services_.on_shard([this, epoch = epoch_, number = one.number](result<bytes> answer) {
    if (answer && answer->size() > answer_size_bytes_max)
      answer = failure(error_kind::too_large, "answer_too_large",
                       "a service answers at most " + std::to_string(answer_size_bytes_max) + " bytes");
    answered(epoch, number, std::move(answer));
  });
  const auto service = engine_->services.find(one.asked.name);
  if (service == engine_->services.end())
    return deliver(failure(error_kind::unavailable, "service_unknown",
                           "this node has no service '" + one.asked.name + "'", one.asked.name));
  service->second->call({one.asked.body, command_id(one, working_.status), latest_.trace,
                         services_.now() + definition_->steps[working_.current].answer_within},
                        std::move(deliver));
}

void supervisor::ask_saga(const branch& one) {
  const auto id = saga_id(one.asked.name, one.asked.id);
  const auto number = one.number;
  const auto who = entity_key::make(self_.tenant(), saga_type_name, id);
  if (!who)
    return services_.after(
        {}, [this, epoch = epoch_, number, why = who.error()] { answered(epoch, number, failure(why)); });
  const run::follower me{std::string(self_.id()), static_cast<std::uint16_t>(working_.current), place_of(one),
                         false};
  const bool starts = one.asked.to == call::target::saga;
  const auto wish = starts ? run::command(run::start{one.asked.name, 0, one.asked.body, me, latest_.trace,
                                                     latest_.correlation})
                           : run::command(run::join{me, one.asked.to == call::target::saga_cancel,
                                                    one.asked.body.substr(0, reason_size_max)});
  auto request = request_for(one, *who, run::contract::encode(wish));
  services_.ask(std::move(request), [this, epoch = epoch_, number, starts](result<runtime::receipt> done) {
    if (!done && !starts && done.error().code == "saga_unknown")
      return answered(epoch, number, bytes(run::to_string(run::status::unstarted)));
    if (!done) return answered(epoch, number, failure(std::move(done).error()));
    --under_way_;
    if (epoch == epoch_) open_->waits(number);
    drive();  // its end comes with a commit of this saga
  });
}

void supervisor::answered(std::uint64_t epoch, std::uint16_t branch_number, result<bytes> answer) {
  --under_way_;
  if (epoch == epoch_) open_->answered(branch_number, std::move(answer));
  drive();
}

}  // namespace bv::sagas
