#include "sim/checkers/saga_fold.hpp"

#include <algorithm>

#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

namespace run = sagas::run;

class reader {
 public:
  explicit reader(saga_facts& now) : now_(now) {}

  std::string operator()(const run::started& fact) {
    if (now_.status != run::status::unstarted) return "is started twice";
    now_.definition = fact.definition;
    now_.input = fact.input;
    now_.steps = fact.steps;
    now_.times_done.resize(fact.steps.size());
    now_.times_undone.resize(fact.steps.size());
    now_.started_at = fact.at;
    now_.deadline_at = fact.deadline_at;
    now_.status = run::status::running;
    begin(fact.next);
    return {};
  }
  std::string operator()(const run::step_done& fact) {
    const auto wrong = in(run::status::running, "does step " + name_of(fact.step), fact.step);
    if (fact.step >= now_.steps.size()) return wrong;
    now_.current = fact.step + 1u;
    begin(fact.next);
    return ++now_.times_done[fact.step] > 1 ? "does step " + name_of(fact.step) + " twice" : wrong;
  }
  std::string operator()(const run::step_undone& fact) {
    const auto wrong = in(run::status::compensating, "undoes step " + name_of(fact.step), fact.step);
    if (fact.step >= now_.steps.size()) return wrong;
    if (fact.step > 0) now_.current = fact.step - 1u;
    return ++now_.times_undone[fact.step] > 1 ? "undoes step " + name_of(fact.step) + " twice" : wrong;
  }
  std::string operator()(const run::compensation_began& fact) {
    auto wrong = in(run::status::running, "is undone", now_.current);
    if (now_.point_of_no_return_passed) wrong = "is undone after its point of no return";
    now_.status = run::status::compensating;
    now_.current = fact.from;
    begin({});
    return wrong;
  }
  std::string operator()(const run::completed&) {
    const auto wrong = in(run::status::running, "completes", static_cast<std::uint32_t>(now_.steps.size()));
    return end(run::status::completed, wrong);
  }
  std::string operator()(const run::compensated& fact) {
    auto wrong = in(run::status::compensating, "is compensated", now_.current);
    if (!now_.times_undone.empty() && now_.times_undone.front() == 0) wrong = "is compensated before its first step is undone";
    return end(fact.cause == run::cause::cancel ? run::status::cancelled : run::status::compensated, wrong);
  }
  std::string operator()(const run::parked& fact) {
    const bool at_work = now_.status == run::status::running || now_.status == run::status::compensating;
    const auto wrong = at_work ? std::string() : "is parked while it is " + status_name();
    now_.status = run::status::parked;
    now_.was_parked = true;
    now_.fault = fact.fault;
    now_.parked_at = fact.at;
    return wrong;
  }
  std::string operator()(const run::redriven& fact) {
    const auto wrong = in(run::status::parked, "is redriven", now_.current);
    now_.status = fact.into;
    return wrong;
  }
  std::string operator()(const run::discarded&) {
    return end(run::status::discarded, in(run::status::parked, "is discarded", now_.current));
  }
  std::string operator()(const run::attempt_failed& fact) {
    if (now_.status == run::status::running || now_.status == run::status::compensating) return {};
    return "fails at step " + name_of(fact.step) + " while it is " + status_name();
  }
  std::string operator()(const run::signalled&) { return alive("is signalled"); }
  std::string operator()(const run::member_ended&) { return alive("hears of a member's end"); }
  std::string operator()(const run::joined&) { return {}; }
  std::string operator()(const run::followers_informed&) {
    return now_.over() ? std::string() : "tells its followers of its end while it is " + status_name();
  }

 private:
  [[nodiscard]] std::string status_name() const { return std::string(to_string(now_.status)); }
  [[nodiscard]] std::string name_of(std::uint32_t step) const {
    return step < now_.steps.size() ? "'" + now_.steps[step] + "'" : std::to_string(step);
  }
  [[nodiscard]] std::string in(run::status must, const std::string& what, std::uint32_t step) const {
    if (now_.status != must) return what + " while it is " + status_name();
    if (step != now_.current) return what + " while it is at step " + name_of(now_.current);
    return {};
  }
  [[nodiscard]] std::string alive(const std::string& what) const {
    return now_.over() || now_.status == run::status::unstarted ? what + " while it is " + status_name() : std::string();
  }
  void begin(const run::next& next) {
    now_.step_timeout_at = next.timeout_at;
    now_.point_of_no_return_passed = now_.point_of_no_return_passed || next.point_of_no_return;
  }
  std::string end(run::status how, std::string wrong) {
    now_.status = how;
    return wrong;
  }

  saga_facts& now_;
};

}  // namespace

timestamp saga_facts::due() const {
  if (status != run::status::running || point_of_no_return_passed) return {};
  if (step_timeout_at == timestamp{}) return deadline_at;
  return deadline_at == timestamp{} ? step_timeout_at : std::min(deadline_at, step_timeout_at);
}

bool saga_facts::over() const {
  return status == run::status::completed || status == run::status::compensated || status == run::status::cancelled ||
         status == run::status::discarded;
}

std::string fold(saga_facts& now, const run::event& happened) { return std::visit(reader(now), happened); }

}  // namespace bv::sim
