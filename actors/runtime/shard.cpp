#include "actors/runtime/shard.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::runtime {
namespace {

/// The body's hash of a command that was voided before it came: whatever it says.
constexpr std::uint64_t any_body = 0;

error starting_error() {
  return {error_kind::unavailable, "starting", "the node is starting; ask again, with the same command id", {}, 1000};
}

error stopping_error() {
  return {error_kind::unavailable, "stopping", "the node is stopping; ask again, with the same command id", {}, 1000};
}

error deadline_error() {
  return {error_kind::timeout, "deadline_passed",
          "no answer inside the deadline; asking again with the same command id is safe"};
}

}  // namespace

shard::shard(storage::shard_id id, std::uint64_t seed, environment around)
    : id_(id),
      around_(around),
      random_(seed),
      pipeline_(around.log, around_.bounds, around_.measured),
      wakes_(*around.store.derived, id),
      committed_reads_(id, {.store = around.store, .time = around.time, .host = around.host, .bounds = around.bounds}),
      not_serving_(starting_error()) {}

shard::~shard() = default;

const aggregate_type* shard::type_of(const entity_key& who) const {
  const auto found = around_.types.find(who.type());
  return found == around_.types.end() ? nullptr : found->second.get();
}

void shard::deliver(admitted_command command) {
  const auto& request = command.request;
  if (stopping_) return reply(command.answer, failure(stopping_error()), command.admitted);
  if (not_serving_) return reply(command.answer, failure(*not_serving_), command.admitted);
  if (failed_) return reply(command.answer, failure(*failed_), command.admitted);
  if (request.deadline <= around_.time.now()) return reply(command.answer, failure(deadline_error()), command.admitted);
  if (auto* who = live_.find(request.entity)) return execute(*who, std::move(command));
  const auto who = request.entity;
  stash(who, std::move(command));
}

void shard::deliver(admitted_view view) {
  const bool stale = view.request.wanted == consistency::stale;
  if (stopping_) return reply(view.answer, failure(stopping_error()), view.admitted);
  if (not_serving_ && (!stale || around_.log.alone())) return reply(view.answer, failure(*not_serving_), view.admitted);
  if (view.request.deadline <= around_.time.now()) return reply(view.answer, failure(deadline_error()), view.admitted);
  if (stale) return look_at_committed(std::move(view));
  if (around_.log.alone()) return look(std::move(view));
  // Before the state is looked at: what is committed elsewhere by then is then in it.
  confirm([this, view = std::make_shared<admitted_view>(std::move(view))](const result<void>& sure) {
    if (!sure) return reply(view->answer, failure(sure.error()), view->admitted);
    look(std::move(*view));
  });
}

void shard::confirm(std::function<void(const result<void>&)> then) {
  ++confirming_;
  around_.log.confirm([this, then = std::move(then)](const result<void>& sure) {
    --confirming_;
    then(sure);
    stop_if_idle();
  });
}

void shard::look(admitted_view view) {
  if (not_serving_) return reply(view.answer, failure(*not_serving_), view.admitted);
  if (auto* who = live_.find(view.request.entity)) return execute(*who, std::move(view));
  if (mutated(mutation::stale_read_during_recovery) && recovering_.contains(view.request.entity)) {
    const auto& type = *type_of(view.request.entity);
    return reply(view.answer, entity_view{.version = 0, .state = type.encode(*type.create())}, view.admitted);
  }
  const auto who = view.request.entity;
  stash(who, std::move(view));
}

void shard::look_at_committed(admitted_view view) {
  around_.measured.views.add();
  const auto& key = view.request.entity;
  // What is in memory may hold what is never committed; the store holds nothing else.
  const auto* const who = live_.find(key);
  if (who && (who->uncommitted == 0 || mutated(mutation::stale_view_before_commit)))
    return reply(view.answer, entity_view{who->version, who->type->encode(*who->state), around_.log.how_stale()}, view.admitted);
  const auto* const type = type_of(key);
  BV_ASSERT(type, "an entity of an unknown type got past the router");
  committed_reads_.read({key, type, view.request.deadline,
                         [this, answer = std::move(view.answer), admitted = view.admitted](result<entity_view> seen) {
                           if (seen) seen->stale = around_.log.how_stale();
                           reply(answer, std::move(seen), admitted);
                           stop_if_idle();
                         }});
}

void shard::stash(const entity_key& who, stashed what) {
  BV_ASSERT(type_of(who), "an entity of an unknown type got past the router");
  auto [waiting, first] = recovering_.try_emplace(who);
  if (first || !mutated(mutation::stashed_command_forgotten)) waiting->second.push_back(std::move(what));
  if (!first) return;
  if (!around_.store.derived->certainly_absent(id_, who)) return around_.host.recover(who, tenure_);
  recovered_entity fresh;
  fresh.state = type_of(who)->create();
  on_recovered(who, tenure_, std::move(fresh));
}

void shard::refuse(stashed& what, const error& why) {
  if (auto* command = std::get_if<admitted_command>(&what))
    reply(command->answer, failure(why), command->admitted);
  else if (auto* view = std::get_if<admitted_view>(&what))
    reply(view->answer, failure(why), view->admitted);
}

void shard::on_recovered(const entity_key& who, std::uint64_t tenure, result<recovered_entity> found) {
  if (tenure != tenure_) return;  // others may have changed it since
  auto waiting = recovering_.extract(who);
  BV_ASSERT(!waiting.empty(), "an entity was recovered that nobody waits for");
  if (!found) {
    around_.notes({note_level::error, "recovery failed: " + describe(found.error()), who.text()});
    for (auto& request : waiting.mapped()) refuse(request, found.error());
    return stop_if_idle();
  }

  auto made = std::make_unique<entity>();
  made->key = who;
  made->type = type_of(who);
  made->type_tag = event_kinds::tag_of(who.type());
  made->state = std::move(found->state);
  made->remembered = std::move(found->remembered);
  made->version = found->version;
  made->last = found->last;
  made->wake_registered = found->wake_registered;
  made->events_since_snapshot = found->events_since_snapshot;
  made->bytes_since_snapshot = found->bytes_since_snapshot;
  made->snapshot_size_bytes = found->snapshot_size_bytes;
  const auto now = around_.time.now();
  auto& live = live_.insert(std::move(made), now);
  around_.measured.entities_loaded.add();
  around_.measured.entities_live.set(static_cast<std::int64_t>(live_.size()));
  keep_ticking();
  if (live.version > 0) tell_companion(live);

  const bool too_many = live_.size() > around_.bounds.live_entities_per_shard_max;
  for (auto& request : waiting.mapped()) {
    if (mutated(mutation::passivation_drops_pending_command) && too_many) break;
    if (auto* command = std::get_if<admitted_command>(&request)) {
      // Not deliver(): what was accepted before a stop is finished. The deadline still counts.
      if (failed_)
        reply(command->answer, failure(*failed_), command->admitted);
      else if (command->request.deadline <= now)
        reply(command->answer, failure(deadline_error()), command->admitted);
      else
        execute(live, std::move(*command));
    } else if (auto* view = std::get_if<admitted_view>(&request)) {
      execute(live, std::move(*view));
    } else {
      check_wake(live);
      // It may have been put off to a time that is nearer than what wake_due() knew of.
      if (!mutated(mutation::wake_up_put_off_too_far)) schedule_wake();
    }
  }
  if (too_many) passivate_idle(now);
  stop_if_idle();
}

bool shard::answered_before(entity& who, const admitted_command& command, hash128_value id,
                            std::uint64_t body_hash) {
  if (command.request.command_id.empty()) return false;
  const auto* first = who.remembered.find(id);
  if (!first) return false;
  auto answer = first->body_hash == body_hash || first->body_hash == any_body
                    ? decode_reply(first->reply)
                    : failure(error_kind::conflict, "command_id_reused",
                              "this command id was used for another command; use a new one", "commandId");
  around_.measured.commands_repeated.add();
  if (pipeline_.committed(first->index) || mutated(mutation::duplicate_answered_early))
    reply(command.answer, std::move(answer), command.admitted);
  else
    pipeline_.withhold(first->index, withheld_receipt{command.answer, std::move(answer), command.admitted,
                                                      command.request.deadline});
  return true;
}

/// In a record of its own, before that of `command`: with only the first of them in the log, the other is asked again.
void shard::void_other(entity& who, const admitted_command& command) {
  const auto& other = command.request.voids;
  if (other.empty() || who.remembered.find(hash128(other))) return;
  record(who, command, hash128(other), any_body, {},
         failure(error_kind::conflict, "command_voided", "what takes this command back came first: it does not act any more"));
}

void shard::execute(entity& who, admitted_command command) {
  const auto& request = command.request;
  const auto now = around_.time.now();
  live_.used(who, now);
  const auto id = request.command_id.empty() ? hash128_value{} : hash128(request.command_id);
  const auto body_hash = hash64(request.command);
  if (answered_before(who, command, id, body_hash)) return;
  void_other(who, command);
  if (request.expected_version && *request.expected_version != who.version)
    return answer_unwritten(who, command,
                            failure(error_kind::precondition_failed, "version_mismatch",
                                    "the current version is " + std::to_string(who.version) + ", not " +
                                        std::to_string(*request.expected_version),
                                    "expectedVersion"));

  auto events = who.type->handle(*who.state, request.command,
                                 context{.now = now,
                                         .self = who.key,
                                         .version = who.version,
                                         .principal = request.from.principal,
                                         .command_id = request.command_id,
                                         .random = random_.next(),
                                         .known = around_.known});
  if (!events) {
    around_.measured.commands_rejected.add();
    result<receipt> answer = failure(events.error());
    // What breaks the contract breaks it again at every retry: not worth a place in the journal.
    const bool stands = events.error().kind != error_kind::invalid && !mutated(mutation::rejection_not_remembered);
    if (id == hash128_value{} || !stands) return answer_unwritten(who, command, std::move(answer));
    record(who, command, id, body_hash, {}, answer);
    return answer_when_committed(who, command, std::move(answer));
  }

  around_.measured.commands_accepted.add();
  around_.measured.events.add(events->size());
  receipt done{.version = who.version + events->size(), .events = {}};
  for (const auto& event : *events) done.events.push_back(event.ordinal);
  result<receipt> answer = std::move(done);
  if (events->empty() && id == hash128_value{}) return answer_unwritten(who, command, std::move(answer));
  record(who, command, id, body_hash, *events, answer);
  answer_when_committed(who, command, std::move(answer));
}

void shard::record(entity& who, const admitted_command& command, hash128_value id, std::uint64_t body_hash,
                   const std::vector<encoded_event>& events, const result<receipt>& answer) {
  const auto& request = command.request;
  const auto now = around_.time.now();
  const auto stored_reply = id == hash128_value{} ? bytes{} : encode_reply(answer);
  std::vector<storage::event_view> views;
  views.reserve(events.size());
  for (const auto& event : events) {
    views.push_back({event.ordinal, event.payload});
    who.bytes_since_snapshot += event.payload.size();
  }
  who.version += events.size();
  who.events_since_snapshot += static_cast<std::uint32_t>(events.size());
  const auto wake = wake_to_register(who, now);

  const storage::record_view entry{.entity = who.key.text(),
                                   .version = who.version,
                                   .previous = {},
                                   .at = now,
                                   .wake_before = who.wake_registered,
                                   .wake_after = wake,
                                   .command_id = id,
                                   .body_hash = body_hash,
                                   .reply = stored_reply,
                                   .principal = request.from.principal,
                                   .trace = request.from.trace,
                                   .correlation = request.from.correlation,
                                   .event_count = 0};
  const auto index = pipeline_.add(who, entry, views);
  who.wake_registered = wake;
  if (id != hash128_value{})
    who.remembered.remember({.id = id, .body_hash = body_hash, .at = now, .index = index, .reply = stored_reply},
                            around_.bounds.remembered_per_entity_max, around_.bounds.remember_for);

  if (who.events_since_snapshot >= who.type->contract().snapshot_every() &&
      who.bytes_since_snapshot >= who.snapshot_size_bytes) {
    auto snapshot = encode_snapshot(who);
    who.events_since_snapshot = 0;
    who.bytes_since_snapshot = 0;
    who.snapshot_size_bytes = snapshot.size();
    pipeline_.attach_snapshot(who, std::move(snapshot));
    around_.measured.snapshots_taken.add();
  }
  seal_when_idle();
}

/// A later wish keeps the earlier registration: it costs one needless wake-up then instead of two
/// timer writes at every command (a cart's expiry moves with each item).
timestamp shard::wake_to_register(const entity& who, timestamp now) const {
  if (who.type->active(*who.state)) return timestamp{1};  // due at once after every restart
  const auto wish = who.type->wake_at(*who.state);
  if (wish == timestamp{}) return {};
  const auto registered = who.wake_registered;
  return registered > now && registered <= wish ? registered : wish;
}

void shard::answer_when_committed(const entity& who, admitted_command& command, result<receipt> answer) {
  if (pipeline_.committed(who.last) || mutated(mutation::acknowledge_before_fsync))
    return reply(command.answer, std::move(answer), command.admitted);
  pipeline_.withhold(who.last, withheld_receipt{std::move(command.answer), std::move(answer), command.admitted,
                                                command.request.deadline});
}

void shard::answer_unwritten(const entity& who, admitted_command& command, result<receipt> answer) {
  if (around_.log.alone()) return answer_when_committed(who, command, std::move(answer));
  // Both must be: that nobody else leads, and that what the answer rests on is committed.
  command.answer = [this, handler = std::move(command.answer)](result<receipt> said) {
    confirm([handler, said = std::move(said)](const result<void>& sure) {
      handler(sure ? said : failure(sure.error()));
    });
  };
  answer_when_committed(who, command, std::move(answer));
}

void shard::execute(entity& who, admitted_view view) {
  live_.used(who, around_.time.now());
  around_.measured.views.add();
  entity_view answer{.version = who.version, .state = who.type->encode(*who.state)};
  if (pipeline_.committed(who.last) || mutated(mutation::view_before_commit))
    return reply(view.answer, std::move(answer), view.admitted);
  pipeline_.withhold(who.last,
                     withheld_view{std::move(view.answer), std::move(answer), view.admitted, view.request.deadline});
}

void shard::reply(const receipt_handler& handler, result<receipt> answer, timestamp admitted) {
  const auto took = around_.time.now() - admitted;
  around_.measured.command_us.observe(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count() / 1000)));
  around_.measured.in_flight.add(-1);
  handler(std::move(answer));
}

void shard::reply(const view_handler& handler, result<entity_view> answer, timestamp) {
  around_.measured.in_flight.add(-1);
  handler(std::move(answer));
}

void shard::stop(std::function<void()> stopped) {
  BV_ASSERT(!stopping_, "a shard is stopped once");
  stopping_ = true;
  stopped_ = std::move(stopped);
  pipeline_.seal(around_.time.now());
  stop_if_idle();
}

bool shard::idle() const {
  const bool sure = confirming_ == 0 || mutated(mutation::stop_forgets_reads);
  return pipeline_.idle() && recovering_.empty() && sure;
}

void shard::stop_if_idle() {
  if (!stopping_ || !stopped_ || !idle() || !committed_reads_.idle()) return;
  live_.clear();
  std::exchange(stopped_, nullptr)();
}

}  // namespace bv::runtime
