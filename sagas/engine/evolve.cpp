// How events change a saga. Kept apart from the decisions because it must go on reading every journal ever
// written.

#include <algorithm>

#include "protocols/schema/base/mutation.hpp"
#include "sagas/engine/core.hpp"

namespace bv::sagas {
namespace {

void begin_step(run::state& now, const run::next& next) {
  now.step_timeout_at = next.timeout_at;
  now.point_of_no_return_passed = now.point_of_no_return_passed || next.point_of_no_return;
  now.awaited_signal = next.awaited_signal;
}

void end(run::state& now, run::status how, timestamp at) {
  now.status = how;
  now.ended_at = at;
  begin_step(now, {});
}

void apply(run::state& now, const run::started& fact) {
  now.definition = fact.definition;
  now.version = fact.version;
  now.input = fact.input;
  now.status = run::status::running;
  now.started_at = fact.at;
  now.deadline_at = fact.deadline_at;
  now.trace = fact.trace;
  now.correlation = fact.correlation;
  if (fact.follower) now.followers.push_back(*fact.follower);
  now.steps.reserve(fact.steps.size());
  for (const auto& name : fact.steps) now.steps.emplace_back().name = name;
  begin_step(now, fact.next);
}

void apply(run::state& now, const run::step_done& fact) {
  auto& step = now.steps[fact.step];
  step.status = run::step_status::done;
  step.results = fact.results;
  step.finished_at = fact.at;
  step.retry_at = {};
  step.fault.reset();
  std::erase_if(now.members, [&](const auto& member) { return member.step == fact.step; });
  if (!now.awaited_signal.empty()) {
    const auto used = std::ranges::find(now.signals, now.awaited_signal, &run::signal::name);
    if (used != now.signals.end()) now.signals.erase(used);
  }
  now.current = fact.step + 1u;
  begin_step(now, fact.next);
}

void apply(run::state& now, const run::attempt_failed& fact) {
  auto& step = now.steps[fact.step];
  step.failed_attempts = fact.failed_attempts;
  step.retry_at = fact.retry_at;
  step.fault = fact.fault;
}

void apply(run::state& now, const run::compensation_began& fact) {
  now.status = run::status::compensating;
  now.cause = fact.cause;
  now.fault = fact.fault;
  now.current = fact.from;
  begin_step(now, {});
  for (auto& step : now.steps) {  // from here on they count the undo's
    step.failed_attempts = 0;
    step.retry_at = {};
  }
  auto& last = now.steps[fact.from];
  last.refused = fact.refused;
  if (fact.cause == run::cause::failure) {
    last.status = run::step_status::failed;
    last.fault = fact.fault;
  }
}

void apply(run::state& now, const run::step_undone& fact) {
  auto& step = now.steps[fact.step];
  step.status = run::step_status::undone;
  step.finished_at = fact.at;
  step.retry_at = {};
  if (fact.step > 0) now.current = fact.step - 1u;
}

void apply(run::state& now, const run::completed& fact) {
  end(now, run::status::completed, fact.at);
}

void apply(run::state& now, const run::compensated& fact) {
  end(now, fact.cause == run::cause::cancel ? run::status::cancelled : run::status::compensated, fact.at);
}

void apply(run::state& now, const run::parked& fact) {
  // While it is being undone, `fault` stays the reason why: the undo's commands may quote it and must not
  // change.
  if (now.status == run::status::running) now.fault = fact.fault;
  now.parked_while = now.status;
  now.status = run::status::parked;
  if (now.current >= now.steps.size()) return;
  auto& step = now.steps[now.current];
  step.fault = fact.fault;
  step.renewed.insert(step.renewed.end(), fact.refused.begin(), fact.refused.end());
}

void apply(run::state& now, const run::redriven& fact) {
  now.status = fact.into;
  if (now.status == run::status::running) now.fault.reset();
  if (now.current >= now.steps.size()) return;
  auto& step = now.steps[now.current];
  step.failed_attempts = 0;
  step.retry_at = {};
}

void apply(run::state& now, const run::discarded& fact) {
  end(now, run::status::discarded, fact.at);
}
void apply(run::state& now, const run::signalled& fact) {
  now.signals.push_back(fact.signal);
}
void apply(run::state& now, const run::joined& fact) {
  now.followers.push_back(fact.follower);
}
void apply(run::state& now, const run::member_ended& fact) {
  now.members.push_back(fact.member);
}
void apply(run::state& now, const run::followers_informed&) {
  for (auto& follower : now.followers) follower.told = true;
}

}  // namespace

void evolve(run::state& now, const run::event& happened) {
  std::visit([&](const auto& fact) { apply(now, fact); }, happened);
}

bool is_over(run::status status) {
  return status == run::status::completed || status == run::status::compensated ||
         status == run::status::cancelled || status == run::status::discarded;
}

bool is_active(const run::state& now) {
  if (is_over(now.status))
    return std::ranges::any_of(now.followers, [](const auto& follower) { return !follower.told; });
  if (now.status == run::status::compensating) return true;
  if (now.status != run::status::running) return false;
  // What waits for a signal needs no memory meanwhile: the signal, or the timer, brings it back.
  return now.awaited_signal.empty() ||
         std::ranges::find(now.signals, now.awaited_signal, &run::signal::name) != now.signals.end();
}

timestamp wake_at(const run::state& now) {
  const bool stands = now.point_of_no_return_passed && !mutated(mutation::deadline_past_point_of_no_return);
  if (now.status != run::status::running || stands) return {};
  if (now.step_timeout_at == timestamp{}) return now.deadline_at;
  if (now.deadline_at == timestamp{}) return now.step_timeout_at;
  return std::min(now.deadline_at, now.step_timeout_at);
}

}  // namespace bv::sagas
