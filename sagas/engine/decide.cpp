// The decisions of a saga. The supervisor only says what it found out ("these steps are done, that one was
// refused"); what follows from it is decided here, against the committed state and the definition.

#include <algorithm>

#include "protocols/schema/base/mutation.hpp"
#include "sagas/engine/core.hpp"

namespace bv::sagas {
namespace {

using decision = result<std::vector<run::event>>;

/// Collects what happens and keeps the state up with it.
class unfolding {
 public:
  explicit unfolding(run::state& now) : now_(now) {}
  template <class Fact>
  void happened(Fact fact) {
    events_.emplace_back(std::move(fact));
    evolve(now_, events_.back());
  }
  std::vector<run::event> take() { return std::move(events_); }

 private:
  run::state& now_;
  std::vector<run::event> events_;
};

decision nothing() {
  return std::vector<run::event>{};
}

tl::unexpected<error> rejected(std::string code, std::string message) {
  return failure(error_kind::conflict, std::move(code), std::move(message));
}

tl::unexpected<error> unknown_saga() {
  return failure(error_kind::not_found, "saga_unknown", "there is no such saga");
}

bool follows(const run::state& now, const run::follower& who) {
  return std::ranges::any_of(now.followers, [&](const auto& one) {
    return one.saga == who.saga && one.step == who.step && one.branch == who.branch;
  });
}

run::fault fault_of(error_kind kind, std::string code, std::string message, std::string step = {}) {
  return {std::string(to_string(kind)), std::move(code), std::move(message), std::move(step)};
}

std::string name_of_step(const run::state& now) {
  return now.current < now.steps.size() ? now.steps[now.current].name : std::string();
}

run::next next_step(const definition& about, std::size_t index, timestamp now) {
  if (index >= about.steps.size()) return {};
  const auto& step = about.steps[index];
  return {step.timeout > duration::zero() ? now + step.timeout : timestamp{}, step.point_of_no_return,
          step.signal};
}

/// Undoes everything that may have been begun, newest first.
void undo_all(const definition* about, const run::state& now, unfolding& out, run::cause why,
              run::fault fault, timestamp at) {
  const bool ran_ahead = about && !mutated(mutation::undo_from_journaled_step);
  const auto from = ran_ahead ? reach_of(*about, now.current) : now.current;
  out.happened(run::compensation_began{why, std::move(fault), static_cast<std::uint16_t>(from), {}, at});
}

void finish_step(const definition& about, const run::state& now, unfolding& out, const run::finished& done,
                 timestamp at) {
  if (now.status == run::status::compensating) {
    out.happened(run::step_undone{done.step, at});
    if (done.step == 0) out.happened(run::compensated{now.cause, at});
    return;
  }
  out.happened(run::step_done{done.step, done.results, next_step(about, done.step + 1u, at), at});
  if (now.current == about.steps.size()) out.happened(run::completed{now.definition, at});
}

void break_step(const definition& about, const run::state& now, unfolding& out, const run::broken& broken,
                const runtime::context& when) {
  const bool undoing = now.status == run::status::compensating;
  const auto& step = about.steps[now.current];
  const auto& policy = undoing ? step.undo_retry : step.retry;
  const auto failures = now.steps[now.current].failed_attempts + 1;
  if (!broken.final && failures < policy.attempts_max) {
    const duration wished = std::chrono::milliseconds{broken.retry_after_ms};
    const auto pause = std::max(policy.pause_after(failures, when.random), wished);
    return out.happened(run::attempt_failed{broken.step, failures, broken.fault, when.now + pause, when.now});
  }
  const bool stuck = undoing || now.point_of_no_return_passed;
  if (stuck && mutated(mutation::parked_letter_lost))
    return out.happened(run::discarded{broken.fault.code, when.now});
  if (stuck) return out.happened(run::parked{broken.fault, broken.refused, when.now});
  out.happened(
      run::compensation_began{run::cause::failure, broken.fault, broken.step, broken.refused, when.now});
}

decision on(const definitions& known, run::state& now, const run::start& wish,
            const runtime::context& about) {
  unfolding out(now);
  if (now.status != run::status::unstarted) {
    const bool same = now.definition == wish.definition && now.input == wish.input &&
                      (wish.version == 0 || wish.version == now.version);
    if (!same) return rejected("saga_exists", "this id is another saga already");
    if (wish.follower && !follows(now, *wish.follower)) {
      if (now.followers.size() >= followers_max)
        return rejected("saga_too_many_followers", "nobody else can join");
      out.happened(run::joined{*wish.follower});
    }
    return out.take();
  }
  const auto* chosen = known.find(wish.definition, wish.version);
  if (!chosen)
    return failure(error_kind::not_found, "saga_definition_unknown",
                   "there is no definition '" + wish.definition + "' of that version", "start.definition");
  if (auto input = chosen->decode_input(wish.input); !input)
    return failure(error_kind::invalid, "saga_input_invalid", describe(input.error()), "start.input");
  run::started fact{
      .definition = chosen->name,
      .version = chosen->version,
      .input = wish.input,
      .steps = {},
      .deadline_at = chosen->deadline > duration::zero() ? about.now + chosen->deadline : timestamp{},
      .next = next_step(*chosen, 0, about.now),
      .follower = wish.follower,
      .trace = wish.trace,
      .correlation = wish.correlation,
      .at = about.now};
  for (const auto& step : chosen->steps) fact.steps.push_back(step.name);
  out.happened(std::move(fact));
  return out.take();
}

decision on(const definitions& known, run::state& now, const run::advance& found,
            const runtime::context& about) {
  const auto at_work = [&] {
    return now.status == run::status::running || now.status == run::status::compensating;
  };
  if (about.version != found.based_on || !at_work()) return nothing();
  unfolding out(now);
  const auto* chosen = known.find(now.definition, now.version);
  if (!chosen || chosen->steps.size() != now.steps.size()) {
    if (found.broken) out.happened(run::parked{found.broken->fault, {}, about.now});
    return out.take();
  }
  for (const auto& done : found.finished) {
    if (!at_work() || done.step != now.current) return nothing();
    finish_step(*chosen, now, out, done, about.now);
  }
  if (found.broken) {
    if (!at_work() || found.broken->step != now.current) return nothing();
    break_step(*chosen, now, out, *found.broken, about);
  }
  return out.take();
}

decision on(const definitions&, run::state& now, const run::receive& wish, const runtime::context& about) {
  if (now.status == run::status::unstarted) return unknown_saga();
  if (is_over(now.status)) return rejected("saga_over", "it has ended");
  if (now.signals.size() >= signals_max)
    return rejected("saga_too_many_signals",
                    "at most " + std::to_string(signals_max) + " signals wait to be used");
  unfolding out(now);
  out.happened(run::signalled{{wish.name, wish.payload, about.now}});
  return out.take();
}

decision on(const definitions& known, run::state& now, const run::cancel& wish,
            const runtime::context& about) {
  switch (now.status) {
    case run::status::unstarted: return unknown_saga();
    case run::status::compensating: return nothing();
    case run::status::parked: return rejected("saga_parked", "it is parked: redrive or discard it");
    case run::status::running: break;
    default: return rejected("saga_over", "it has ended");
  }
  if (now.point_of_no_return_passed)
    return rejected("saga_past_point_of_no_return",
                    "it can only go forward since '" + name_of_step(now) + "'");
  unfolding out(now);
  undo_all(known.find(now.definition, now.version), now, out, run::cause::cancel,
           fault_of(error_kind::conflict, "cancelled", wish.reason, name_of_step(now)), about.now);
  return out.take();
}

decision on(const definitions&, run::state& now, const run::redrive&, const runtime::context& about) {
  if (now.status == run::status::unstarted) return unknown_saga();
  if (now.status != run::status::parked)
    return rejected("saga_not_parked", "only a parked saga can be redriven");
  unfolding out(now);
  out.happened(run::redriven{about.now, now.parked_while});
  return out.take();
}

decision on(const definitions&, run::state& now, const run::discard& wish, const runtime::context& about) {
  if (now.status == run::status::unstarted) return unknown_saga();
  if (now.status != run::status::parked)
    return rejected("saga_not_parked", "only a parked saga can be discarded");
  unfolding out(now);
  out.happened(run::discarded{wish.reason, about.now});
  return out.take();
}

decision on(const definitions& known, run::state& now, const run::wake&, const runtime::context& about) {
  const auto due = wake_at(now);
  if (due == timestamp{} || about.now < due) return nothing();
  unfolding out(now);
  const bool late = due == now.deadline_at;
  const bool unsignalled = !now.awaited_signal.empty();
  auto fault =
      late ? fault_of(error_kind::timeout, "saga_deadline", "not done inside its deadline")
      : unsignalled
          ? fault_of(error_kind::timeout, "signal_timeout", "'" + now.awaited_signal + "' did not come")
          : fault_of(error_kind::timeout, "step_timeout", "the step was not done in its time");
  fault.step = name_of_step(now);
  undo_all(known.find(now.definition, now.version), now, out,
           late ? run::cause::deadline : run::cause::failure, std::move(fault), about.now);
  return out.take();
}

decision on(const definitions& known, run::state& now, const run::join& wish, const runtime::context& about) {
  if (now.status == run::status::unstarted) return unknown_saga();
  unfolding out(now);
  if (!follows(now, wish.follower)) {
    if (now.followers.size() >= followers_max)
      return rejected("saga_too_many_followers", "nobody else can join");
    out.happened(run::joined{wish.follower});
  }
  const bool stands = now.point_of_no_return_passed && !mutated(mutation::cancel_races_confirm);
  if (wish.cancel && now.status == run::status::running && !stands)
    undo_all(known.find(now.definition, now.version), now, out, run::cause::cancel,
             fault_of(error_kind::conflict, "cancelled", wish.reason, name_of_step(now)), about.now);
  return out.take();
}

decision on(const definitions&, run::state& now, const run::member_ends& wish,
            const runtime::context& about) {
  const bool awaited = now.status == run::status::compensating || now.status == run::status::parked ||
                       (now.status == run::status::running && wish.member.step >= now.current);
  if (!awaited) return nothing();
  for (const auto& known : now.members)
    if (known.step == wish.member.step && known.branch == wish.member.branch) return nothing();
  unfolding out(now);
  out.happened(run::member_ended{wish.member, about.now});
  return out.take();
}

decision on(const definitions&, run::state& now, const run::followers_told&, const runtime::context&) {
  if (!is_over(now.status) || !is_active(now)) return nothing();
  unfolding out(now);
  out.happened(run::followers_informed{});
  return out.take();
}

}  // namespace

result<std::vector<run::event>> decide(const definitions& known, run::state& now, const run::command& asked,
                                       const runtime::context& about) {
  return std::visit([&](const auto& one) { return on(known, now, one, about); }, asked);
}

std::vector<run::event> on_finished(const definition& about, run::state& now, const run::finished& step,
                                    timestamp at) {
  unfolding out(now);
  finish_step(about, now, out, step, at);
  return out.take();
}

bool needs_journal_before(const definition& about, std::size_t step) {
  return about.journaled == progress::every_step || about.steps[step].point_of_no_return ||
         !about.steps[step].signal.empty();
}

std::size_t reach_of(const definition& about, std::size_t current) {
  while (current + 1 < about.steps.size() && !needs_journal_before(about, current + 1)) ++current;
  return current;
}

}  // namespace bv::sagas
