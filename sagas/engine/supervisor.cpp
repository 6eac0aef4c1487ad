#include "sagas/engine/supervisor.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "sagas/engine/core.hpp"
#include "sagas/engine/saga_entity.hpp"

namespace bv::sagas {

supervisor::supervisor(const entity_key& self, runtime::companion_services& services,
                       std::shared_ptr<engine_parts> engine)
    : self_(self), services_(services), engine_(std::move(engine)) {}

void supervisor::committed(const runtime::entity_state& state, std::uint64_t version) {
  latest_ = static_cast<const saga_entity&>(state).value;
  latest_version_ = version;
  settle();
}

void supervisor::settle() {
  if (flushing_ || latest_version_ < known_version_) return;  // the answer, or the commit, is still to come
  if (reread_ || latest_version_ != known_version_) return adopt();
  drive();
}

void supervisor::adopt() {
  working_ = latest_;
  known_version_ = latest_version_;
  reread_ = false;
  pending_.clear();
  open_.reset();
  ++epoch_;
  drive();
}

bool supervisor::at_work() const {
  return working_.status == run::status::running || working_.status == run::status::compensating;
}

void supervisor::drive() {
  while (under_way_ == 0 || open_) {
    if (!at_work()) {
      if (!pending_.empty())
        flush();
      else if (!flushing_)
        tell_followers();
      break;
    }
    if (!open_ && !open_step()) break;
    launch();
    if (!open_->settled()) break;
    if (open_->failed()) {
      fail_step();
      break;
    }
    finish_step();
  }
  arm();
}

/// False if the step can't begin now; whatever lets it begin calls drive() again.
bool supervisor::open_step() {
  if (!definition_) {
    definition_ = engine_->known.find(working_.definition, working_.version);
    if (!definition_ || definition_->steps.size() != working_.steps.size()) {
      definition_ = nullptr;
      give_up("saga_definition_unknown", "this node does not know version " +
                                             std::to_string(working_.version) + " of '" +
                                             working_.definition + "'; install it, then redrive");
      return false;
    }
    auto decoded = definition_->decode_input(working_.input);
    if (!decoded) {
      definition_ = nullptr;
      give_up("saga_input_unreadable", describe(decoded.error()));
      return false;
    }
    input_ = *std::move(decoded);
  }
  if (!may_begin()) {
    flush();
    return false;
  }
  const auto& step = definition_->steps[working_.current];
  if (working_.steps[working_.current].retry_at > services_.now()) return false;
  if (!step.signal.empty() && working_.status == run::status::running) {
    const auto came = std::ranges::find(working_.signals, step.signal, &run::signal::name);
    if (came == working_.signals.end()) return false;
    pending_.push_back({static_cast<std::uint16_t>(working_.current), {came->payload}});
    flush();
    return false;
  }
  auto branches = branches_of(*definition_, input_.get(), self_.id(), working_);
  if (!branches) {
    give_up(branches.error().code, branches.error().message);
    return false;
  }
  open_.emplace(*std::move(branches), step.at_once_max);
  return true;
}

bool supervisor::may_begin() const {
  if (pending_.empty() && !flushing_) return true;
  return working_.status == run::status::running ? !needs_journal_before(*definition_, working_.current)
                                                 : definition_->journaled == progress::checkpoints;
}

/// The step stays open, and settled, until the saga has decided what follows.
void supervisor::fail_step() {
  if (flushing_) return;
  const auto step = static_cast<std::uint16_t>(working_.current);
  engine_->measured.failed_attempts.add();
  if (!mutated(mutation::step_asked_from_the_start))
    got_done_ = {working_.current, working_.status, open_->done()};
  flush(open_->broken(step, definition_->steps[step].name));
}

void supervisor::finish_step() {
  run::finished done{static_cast<std::uint16_t>(working_.current), {}};
  if (working_.status == run::status::running) done.results = open_->results();
  open_.reset();
  if (pending_.empty()) pending_since_ = services_.now();
  on_finished(*definition_, working_, done, services_.now());
  pending_.push_back(std::move(done));
}

void supervisor::give_up(std::string code, std::string message) {
  const std::string name =
      working_.current < working_.steps.size() ? working_.steps[working_.current].name : "";
  flush(run::broken{
      .step = static_cast<std::uint16_t>(working_.current),
      .fault = {std::string(to_string(error_kind::internal)), std::move(code), std::move(message), name},
      .final = true,
      .refused = {},
      .retry_after_ms = 0});
}

// --- The journal -------------------------------------------------------------------------------------------

void supervisor::flush(std::optional<run::broken> broken) {
  if (flushing_) return;
  flushing_ = true;
  flushed_ = pending_.size();
  const bool reread = broken.has_value();
  run::advance found{known_version_, pending_, std::move(broken)};
  send_advance(run::contract::encode(run::command(std::move(found))), reread);
}

void supervisor::send_advance(bytes command, bool reread) {
  // Without a command id: at another version it is without effect, so it needs no memory to be safe.
  auto request = request_to(self_, command, {});
  services_.ask(std::move(request),
                [this, command = std::move(command), reread](result<runtime::receipt> done) {
                  if (done) return advanced(*done, reread);
                  if (is_refusal(done.error().kind))
                    engine_->notes({runtime::note_level::error,
                                    "a saga can't record its progress: " + describe(done.error()),
                                    self_.text(), latest_.trace, latest_.correlation});
                  services_.after(own_retry, [this, command, reread] { send_advance(command, reread); });
                });
}

void supervisor::advanced(const runtime::receipt& done, bool reread) {
  if (done.events.empty()) {
    // Somebody else was first: what they did is in latest_. If nobody was, asking at once would change
    // nothing.
    const auto again = [this] {
      flushing_ = false;
      reread_ = true;
      settle();
    };
    return latest_version_ == known_version_ ? services_.after(own_retry, again) : again();
  }
  flushing_ = false;
  engine_->measured.advances.add();
  known_version_ = done.version;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(flushed_));
  pending_since_ = services_.now();
  // The journal decides what a failure leads to; a signal that was used is gone from the state.
  reread_ = reread || !working_.awaited_signal.empty();
  count_outcome();
  settle();
}

void supervisor::count_outcome() {
  auto& counted = engine_->measured;
  counted.steps_done.add(working_.status == run::status::compensating ? 0 : flushed_);
  counted.steps_undone.add(working_.status == run::status::compensating ? flushed_ : 0);
  if (latest_version_ < known_version_) return;
  switch (latest_.status) {
    case run::status::completed: return counted.completed.add();
    case run::status::compensated: return counted.compensated.add();
    case run::status::cancelled: return counted.cancelled.add();
    case run::status::parked:
      counted.parked.add();
      return engine_->notes({runtime::note_level::error,
                             "a saga is parked: " + (latest_.current < latest_.steps.size() &&
                                                             latest_.steps[latest_.current].fault
                                                         ? latest_.steps[latest_.current].fault->message
                                                         : std::string()),
                             self_.text(), latest_.trace, latest_.correlation});
    default: return;
  }
}

// --- Time
// ---------------------------------------------------------------------------------------------------

void supervisor::arm() {
  timestamp next;
  const auto wish = [&](timestamp at) {
    if (at != timestamp{} && (next == timestamp{} || at < next)) next = at;
  };
  if (const auto due = wake_at(latest_); due != woken_for_ && !flushing_) wish(due);
  if (!pending_.empty() && !flushing_) wish(pending_since_ + unjournaled_max);
  if (at_work() && !open_ && working_.steps[working_.current].retry_at > services_.now() &&
      !mutated(mutation::retry_not_armed))
    wish(working_.steps[working_.current].retry_at);
  if (next == timestamp{} || (armed_ != timestamp{} && armed_ <= next)) return;
  armed_ = next;
  services_.after(std::max(next - services_.now(), duration::zero()), [this, next] {
    if (armed_ != next) return;  // another came first
    armed_ = {};
    tick();
  });
}

void supervisor::tick() {
  const auto now = services_.now();
  const auto due = wake_at(latest_);
  const bool is_due = due != timestamp{} && due <= now && due != woken_for_;
  if (!pending_.empty() && (is_due || pending_since_ + unjournaled_max <= now)) {
    flush();  // what is due may be done already, and only the journal does not know
  } else if (is_due && !flushing_) {
    woken_for_ = due;
    wake();
  }
  drive();
}

void supervisor::wake() {
  services_.ask(request_to(self_, run::contract::encode(run::command(run::wake{})), {}),
                [this](result<runtime::receipt> done) {
                  if (!done) services_.after(own_retry, [this] { wake(); });
                });
}

// --- Those who wait for the end
// -------------------------------------------------------------------------------

void supervisor::tell_followers() {
  if (telling_ > 0 || !is_over(working_.status) || !is_active(working_)) return;
  all_told_ = true;
  for (const auto& follower : working_.followers) {
    if (follower.told) continue;
    ++telling_;
    const auto who = entity_key::trusted(self_.tenant(), saga_type_name, follower.saga);
    const run::member_ends news{{follower.step, follower.branch, working_.status, working_.fault}};
    auto id = std::string(self_.id()).append("#end>").append(follower.saga) + "#" +
              std::to_string(follower.step) + "." + std::to_string(follower.branch);
    id = "saga-end:" + to_hex(hash128(id));
    services_.ask(
        request_to(who, run::contract::encode(run::command(news)), std::move(id)),
        [this](result<runtime::receipt> done) { follower_told(done || is_refusal(done.error().kind)); });
  }
}

void supervisor::follower_told(bool reached) {
  all_told_ = all_told_ && reached;
  if (--telling_ > 0) return;
  if (!all_told_ && !mutated(mutation::follower_not_told_again))
    return services_.after(own_retry, [this] { tell_followers(); });
  services_.ask(request_to(self_, run::contract::encode(run::command(run::followers_told{})), {}),
                [this](result<runtime::receipt> done) {
                  if (!done) services_.after(own_retry, [this] { tell_followers(); });
                });
}

}  // namespace bv::sagas
