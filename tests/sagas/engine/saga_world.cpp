#include "tests/sagas/engine/saga_world.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "sagas/engine/core.hpp"
#include "sagas/engine/step_run.hpp"
#include "tests/actors/no_facts.hpp"

namespace bv::sagas::testing {
namespace {

constexpr duration hop = std::chrono::microseconds{100};
constexpr std::size_t steps_max = 1'000'000;

entity_key key_of(const std::string& saga) {
  return entity_key::trusted("default", saga_type_name, saga);
}

}  // namespace

class saga_world::services_of final : public runtime::companion_services {
 public:
  services_of(saga_world& world, std::uint64_t seed) : world_(world), random_(seed) {}

  timestamp now() const override { return world_.now_; }
  runtime::random_source& random() override { return random_; }
  void ask(runtime::command_request request, runtime::receipt_handler answer) override {
    world_.ask(std::move(request), guarded<runtime::receipt>(std::move(answer)));
  }
  void after(duration delay, std::function<void()> action) override {
    world_.after(delay, [alive = std::weak_ptr<int>(alive_), action = std::move(action)] {
      if (!alive.expired()) action();
    });
  }
  std::function<void(result<bytes>)> on_shard(std::function<void(result<bytes>)> handler) override {
    return guarded<bytes>(std::move(handler));
  }

 private:
  template <class T>
  std::function<void(result<T>)> guarded(std::function<void(result<T>)> handler) {
    return [&world = world_, alive = std::weak_ptr<int>(alive_),
            handler = std::move(handler)](result<T> answer) {
      world.after(hop, [alive, handler, answer = std::move(answer)] {
        if (!alive.expired()) handler(answer);
      });
    };
  }

  saga_world& world_;
  runtime::random_source random_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

struct saga_world::live_saga {
  std::unique_ptr<runtime::entity_state> state;
  std::uint64_t version = 0;
  std::unique_ptr<services_of> services;
  std::unique_ptr<runtime::companion> acting;
};

class saga_world::fake_service final : public external_service {
 public:
  fake_service(saga_world& world, std::string name) : world_(world), name_(std::move(name)) {}
  void call(const service_request& request, service_handler answer) override {
    const auto done = world_.react({name_, request.body, request.idempotency_key, 1});
    if (!done.silent) world_.after(done.after, [answer = std::move(answer), done] { answer(done.answer); });
  }

 private:
  saga_world& world_;
  std::string name_;
};

saga_world::saga_world(std::vector<definition> definitions, std::uint64_t seed)
    : participants([](const seen_call&) { return reaction::ok(); }),
      seed_(seed),
      definitions_(std::move(definitions)) {
  build_engine();
}

saga_world::~saga_world() = default;

void saga_world::build_engine() {
  std::vector<std::shared_ptr<downstream>> services;
  for (const auto& [name, service] : services_) services.push_back(service);
  engine_ = make_engine({definitions_, std::move(services), {}});
  type_ = make_saga(engine_);
}

void saga_world::add_service(const std::string& name, downstream_policy policy, service_fallback fallback) {
  services_[name] = std::make_shared<downstream>(name, std::make_unique<fake_service>(*this, name), policy,
                                                 *this, *this, std::move(fallback));
  build_engine();
}

void saga_world::add_service(std::shared_ptr<downstream> service) {
  services_[service->name()] = std::move(service);
  build_engine();
}

void saga_world::install(std::vector<definition> definitions) {
  definitions_ = std::move(definitions);
}

void saga_world::after(duration delay, std::function<void()> action) {
  queue_.emplace(std::pair{now_ + std::max(delay, duration::zero()), ++sequence_}, std::move(action));
}

bool saga_world::step() {
  if (queue_.empty()) return false;
  auto next = queue_.extract(queue_.begin());
  now_ = std::max(now_, next.key().first);
  next.mapped()();
  return true;
}

void saga_world::run_for(duration time) {
  const auto until = now_ + time;
  for (std::size_t i = 0; !queue_.empty() && queue_.begin()->first.first <= until; ++i) {
    BV_ASSERT(i < steps_max, "the sagas never come to rest");
    step();
  }
  now_ = until;
}

void saga_world::run_until_quiet() {
  for (std::size_t i = 0; step(); ++i) BV_ASSERT(i < steps_max, "the sagas never come to rest");
}

saga_world::live_saga& saga_world::spawn(const entity_key& who) {
  auto& place = live_[who];
  if (place) return *place;
  place = std::make_unique<live_saga>();
  place->state = type_->create();
  for (const auto& event : journals_[who].events) {
    const auto read = type_->replay(*place->state, event);
    BV_ASSERT(read.has_value(), "the journal can't be read");
  }
  place->version = journals_[who].events.size();
  place->services = std::make_unique<services_of>(*this, seed_ + hash64(who.text()));
  place->acting = type_->make_companion(who, *place->services);
  if (place->version > 0) place->acting->committed(*place->state, place->version);
  return *place;
}

void saga_world::crash() {
  live_.clear();
  build_engine();
  // As the runtime does: what is active comes back at once, what only waits for its time comes back then.
  for (const auto& [who, journal] : journals_) {
    run::state state = saga(std::string(who.id()));
    if (is_active(state)) spawn(who);
    if (const auto due = wake_at(state); due != timestamp{})
      after(due - now_, [this, who] {
        runtime::command_request request;
        request.entity = who;
        request.command = run::contract::encode(run::command(run::wake{}));
        (void)execute(request);
      });
  }
}

result<runtime::receipt> saga_world::execute(const runtime::command_request& request) {
  auto& live = spawn(request.entity);
  auto& journal = journals_[request.entity];
  if (!request.command_id.empty()) {
    if (const auto first = journal.replies.find(request.command_id); first != journal.replies.end()) {
      BV_ASSERT(first->second.first == request.command, "a command id came back with another command");
      return first->second.second;
    }
  }
  const test::no_facts known;
  auto events = type_->handle(*live.state, request.command,
                              {.now = now_,
                               .self = request.entity,
                               .version = live.version,
                               .principal = request.from.principal,
                               .command_id = request.command_id,
                               .random = hash64(request.entity.text() + std::to_string(++sequence_)) ^ seed_,
                               .known = known});
  result<runtime::receipt> answer = runtime::receipt{};
  if (!events) answer = failure(events.error());
  if (events) {
    for (const auto& event : *events) {
      journal.events.push_back(event.payload);
      answer->events.push_back(event.ordinal);
    }
    live.version += events->size();
    answer->version = live.version;
  }
  const bool recorded = (events && !events->empty()) || !request.command_id.empty();
  if (recorded) ++journal.records;
  if (!request.command_id.empty())
    journal.replies.emplace(request.command_id, std::pair{request.command, answer});
  if (events && !events->empty()) live.acting->committed(*live.state, live.version);
  return answer;
}

reaction saga_world::react(seen_call call) {
  call.attempt = ++attempts_[call.id];
  calls_.push_back(call);
  auto done = participants(call);
  if (const auto first = remembered_.find(call.id); first != remembered_.end()) {
    BV_ASSERT(first->second.first == call.body, "a command id came back with another body");
    done.answer = first->second.second;
    return done;
  }
  const bool stands = done.answer ? done.acts : is_refusal(done.answer.error().kind);
  if (stands) remembered_.emplace(call.id, std::pair{call.body, done.answer});
  if (stands && done.answer) effects_.push_back(call.who + ": " + call.body);
  return done;
}

void saga_world::ask(runtime::command_request request, runtime::receipt_handler answer) {
  const auto deadline = request.deadline == timestamp{} ? now_ + std::chrono::seconds{10} : request.deadline;
  const auto late = [this, answer, deadline] {
    after(deadline - now_,
          [answer] { answer(failure(error_kind::timeout, "deadline_passed", "no answer")); });
  };
  after(hop, [this, request = std::move(request), answer = std::move(answer), late] {
    if (request.entity.type() == saga_type_name) {
      if (loses_command && loses_command(request)) return late();
      auto done = execute(request);
      if (loses_answer && loses_answer(request)) return late();
      return answer(std::move(done));
    }
    const std::string who = std::string(request.entity.type()).append("/").append(request.entity.id());
    auto done = react({who, request.command, request.command_id, 1, request.voids});
    if (done.silent) return late();
    after(done.after, [answer, done] {
      if (done.answer) return answer(runtime::receipt{.version = 1, .events = {0}});
      answer(failure(done.answer.error()));
    });
  });
}

result<runtime::receipt> saga_world::tell(const std::string& saga, run::command command, std::string id) {
  runtime::command_request request;
  request.entity = key_of(saga);
  request.command = run::contract::encode(command);
  request.command_id = std::move(id);
  return execute(request);
}

const run::state& saga_world::saga(const std::string& id) const {
  static thread_local run::state replayed;
  replayed = {};
  if (const auto found = journals_.find(key_of(id)); found != journals_.end())
    for (const auto& event : history(id)) evolve(replayed, event);
  return replayed;
}

std::uint32_t saga_world::records(const std::string& id) const {
  const auto found = journals_.find(key_of(id));
  return found == journals_.end() ? 0 : found->second.records;
}

std::vector<run::event> saga_world::history(const std::string& id) const {
  std::vector<run::event> read;
  const auto found = journals_.find(key_of(id));
  if (found == journals_.end()) return read;
  for (const auto& payload : found->second.events) {
    const auto decoded = run::contract::decode(payload, read.emplace_back());
    BV_ASSERT(decoded.has_value(), "the journal can't be read");
  }
  return read;
}

std::uint32_t saga_world::times_called(const std::string& body) const {
  return static_cast<std::uint32_t>(std::ranges::count(calls_, body, &seen_call::body));
}

}  // namespace bv::sagas::testing
