#include "sagas/engine/engine.hpp"

#include <utility>

#include "protocols/schema/base/mutation.hpp"
#include "sagas/engine/core.hpp"
#include "sagas/engine/saga_entity.hpp"
#include "sagas/engine/supervisor.hpp"

namespace bv::sagas {
namespace {

run::state& state_of(runtime::entity_state& state) {
  return static_cast<saga_entity&>(state).value;
}
const run::state& state_of(const runtime::entity_state& state) {
  return static_cast<const saga_entity&>(state).value;
}

/// Not a typed_aggregate because its decisions need the definitions.
class saga_aggregate final : public runtime::aggregate_type {
 public:
  explicit saga_aggregate(std::shared_ptr<engine_parts> engine) : engine_(std::move(engine)) {}

  const schema::aggregate_contract& contract() const override { return run::contract::reflection(); }
  std::unique_ptr<runtime::entity_state> create() const override { return std::make_unique<saga_entity>(); }

  result<std::vector<runtime::encoded_event>> handle(runtime::entity_state& state, bytes_view command,
                                                     const runtime::context& about) const override {
    run::command typed;
    BV_TRY(run::contract::decode(command, typed));
    BV_TRY(run::contract::validate(typed));
    auto next = state_of(state);
    BV_ASSIGN(const auto events, decide(engine_->known, next, typed, about));
    std::vector<runtime::encoded_event> encoded;
    if (events.empty()) return encoded;
    state_of(state) = std::move(next);
    encoded.reserve(events.size());
    for (const auto& event : events)
      encoded.push_back({static_cast<std::uint16_t>(event.index()), run::contract::encode(event)});
    return encoded;
  }

  result<void> replay(runtime::entity_state& state, bytes_view payload) const override {
    run::event happened;
    BV_TRY(run::contract::decode(payload, happened));
    evolve(state_of(state), happened);
    if (mutated(mutation::deadline_not_persisted)) state_of(state).deadline_at = {};
    return {};
  }

  bytes encode(const runtime::entity_state& state) const override {
    return run::contract::encode(state_of(state));
  }

  result<std::unique_ptr<runtime::entity_state>> decode(bytes_view data) const override {
    auto made = std::make_unique<saga_entity>();
    BV_TRY(run::contract::decode(data, made->value));
    return made;
  }

  timestamp wake_at(const runtime::entity_state& state) const override {
    return sagas::wake_at(state_of(state));
  }
  bytes wake_command(const runtime::entity_state&) const override {
    return run::contract::encode(run::command(run::wake{}));
  }
  bool active(const runtime::entity_state& state) const override { return is_active(state_of(state)); }

  std::unique_ptr<runtime::companion> make_companion(const entity_key& self,
                                                     runtime::companion_services& services) const override {
    return std::make_unique<supervisor>(self, services, engine_);
  }

 private:
  std::shared_ptr<engine_parts> engine_;
};

}  // namespace

std::shared_ptr<engine_parts> make_engine(engine_options options) {
  auto made = std::make_shared<engine_parts>();
  made->known = definitions(std::move(options.definitions));
  for (auto& service : options.services) {
    const auto name = service->name();
    made->services.emplace(name, std::move(service));
  }
  made->notes = options.notes ? std::move(options.notes) : [](const runtime::note&) {};
  return made;
}

std::unique_ptr<runtime::aggregate_type> make_saga(std::shared_ptr<engine_parts> engine) {
  return std::make_unique<saga_aggregate>(std::move(engine));
}

}  // namespace bv::sagas
