#include "sagas/engine/reaction.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/sagas/saga.hpp"
#include "sagas/engine/engine.hpp"
#include "sagas/engine/step_run.hpp"

namespace bv::sagas {
namespace {

/// Calls `done` when as many answers have come as were announced; with the first failure, if there was one.
class gathering {
 public:
  gathering(std::size_t answers, std::function<void(result<void>)> done)
      : left_(answers), done_(std::move(done)) {}

  void answered(result<void> outcome) {
    {
      const std::scoped_lock lock(mutex_);
      if (!outcome && outcome_) outcome_ = std::move(outcome);
      if (--left_ > 0) return;
    }
    done_(outcome_);
  }

 private:
  std::mutex mutex_;
  std::size_t left_;
  result<void> outcome_;
  std::function<void(result<void>)> done_;
};

class reactions final : public runtime::event_handler {
 public:
  reactions(std::string name, std::vector<reaction> all, runtime::note_handler notes)
      : name_(std::move(name)), notes_(notes ? std::move(notes) : [](const runtime::note&) {}) {
    for (auto& one : all) by_event_[{one.type, one.ordinal}].push_back(std::move(one));
  }

  std::string name() const override { return name_; }

  std::vector<runtime::event_interest> interests() const override {
    std::vector<runtime::event_interest> found;
    for (const auto& [event, _] : by_event_) {
      if (found.empty() || found.back().type != event.first) found.push_back({event.first});
      found.back().ordinals.push_back(event.second);
    }
    return found;
  }

  void handle(const runtime::logged_event& event, runtime::gateway& entities,
              std::function<void(result<void>)> done) override {
    const auto found = by_event_.find({std::string(event.entity.type()), event.ordinal});
    if (found == by_event_.end()) return done({});
    const auto all = std::make_shared<gathering>(found->second.size(), std::move(done));
    for (const auto& one : found->second) {
      const auto finished = [all](result<void> outcome) { all->answered(std::move(outcome)); };
      if (!one.needs_state) {
        respond(one, event, {}, entities, finished);
        continue;
      }
      entities.view({.entity = event.entity},
                    [this, &one, event, &entities, finished](result<runtime::entity_view> seen) {
                      if (!seen) return finished(failure(seen.error()));
                      respond(one, event, seen->state, entities, finished);
                    });
    }
  }

 private:
  void respond(const reaction& one, const runtime::logged_event& event, bytes_view state,
               runtime::gateway& entities, const std::function<void(result<void>)>& finished) const {
    const auto asked = one.respond(event, state);
    if (!asked) return finished(failure(asked.error()));
    if (asked->empty()) return finished({});
    const auto all = std::make_shared<gathering>(asked->size(), finished);
    std::size_t number = 0;
    for (const auto& call : *asked) {
      const auto place =
          event.entity.text() + "/" + std::to_string(event.version) + "/" + std::to_string(number++);
      entities.ask(
          to_request(call, event.entity.tenant(), one.name + ":" + to_hex(hash128(place)),
                     {.principal = {}, .trace = event.trace, .correlation = event.correlation}),
          [this, &one, all, where = event.entity, trace = event.trace](result<runtime::receipt> outcome) {
            if (outcome) return all->answered({});
            if (!is_refusal(outcome.error().kind)) return all->answered(failure(outcome.error()));
            const auto message = "reaction '" + one.name + "' was refused: " + describe(outcome.error());
            notes_({runtime::note_level::warning, message, where.text(), trace, {}});
            all->answered({});
          });
    }
  }

  const std::string name_;
  const runtime::note_handler notes_;
  std::map<std::pair<std::string, std::uint16_t>, std::vector<reaction>> by_event_;
};

}  // namespace

runtime::command_request to_request(const call& asked, std::string_view tenant, std::string command_id,
                                    const runtime::caller& from) {
  runtime::command_request request;
  request.command_id = std::move(command_id);
  request.from = from;
  if (asked.to == call::target::entity) {
    request.entity = entity_key::trusted(tenant, asked.name, asked.id);
    request.command = asked.body;
    return request;
  }
  BV_ASSERT(asked.to == call::target::saga,
            "outside of a saga, only commands and starts of sagas have a meaning");
  request.entity = entity_key::trusted(tenant, saga_type_name, saga_id(asked.name, asked.id));
  request.command = run::contract::encode(
      run::command(run::start{asked.name, 0, asked.body, std::nullopt, from.trace, from.correlation}));
  return request;
}

std::shared_ptr<runtime::event_handler> make_reactions(std::string name, std::vector<reaction> all,
                                                       runtime::note_handler notes) {
  return std::make_shared<reactions>(std::move(name), std::move(all), std::move(notes));
}

}  // namespace bv::sagas
