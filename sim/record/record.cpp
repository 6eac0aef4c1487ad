#include "sim/record/record.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/plan/check_scenario.hpp"
#include "sim/plan/times.hpp"
#include "sim/record/operators.hpp"
#include "sim/record/outage.hpp"
#include "sim/record/people.hpp"
#include "sim/record/processor.hpp"
#include "sim/record/stock.hpp"
#include "sim/record/story.hpp"
#include "sim/world/shop_contracts.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;
namespace run = sagas::run;

/// Faults are mended when chaos ends: not before the story is over.
constexpr duration afterwards = 10s;

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

class writer {
 public:
  explicit writer(const story& of) : story_(of) {}

  recording write() && {
    auto& plan = out_.what;
    plan.scenario = story_.saga;
    out_.unfinished = story_.unfinished();
    plan.time.chaos = std::chrono::ceil<std::chrono::seconds>(story_.length()) + afterwards;
    // All is approved at once but for what the faults say, and none of the marks that an order's id may have counts twice.
    plan.processor = {.approve_percent = 100, .slow_answer_after = {}, .failures_before_answer = 0};
    plan.clients = record_people(story_);

    auto stock = record_stock(story_);
    plan.shelves = std::move(stock.shelves);
    append(plan.faults, std::move(stock.faults));
    append(out_.notes, std::move(stock.notes));
    auto processor = record_processor(story_);
    append(plan.faults, std::move(processor.faults));
    append(out_.notes, std::move(processor.notes));
    auto operators = record_operators(story_);
    append(plan.faults, std::move(operators.faults));
    append(out_.notes, std::move(operators.notes));
    if (auto outage = infer_outage(story_)) {
      const auto& crash = std::get<crash_fault>(outage->what);
      note("a deadline came late: the node is taken to have been away for " + to_text(crash.down) + ", from " +
           to_text(*outage->when.at) + " on");
      // Whoever asks meanwhile is as patient.
      plan.clients_patience.attempts_max += static_cast<std::uint32_t>(crash.down / 1s);
      plan.faults.push_back(*std::move(outage));
    }
    look_at_money();
    expect_ends(std::move(stock.expectations));
    out_.head.about = about();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string about() const {
    auto text = "Recorded of saga " + story_.saga + ", from " + to_rfc3339(story_.begin) + " to " + to_rfc3339(story_.end);
    if (story_.unfinished()) text += ", while it was still running";
    return text + ".";
  }

  void look_at_money() {
    for (const auto& one : story_.basket)
      if (const auto* fact = std::get_if<commerce::cart::item_added>(&one.what); fact && fact->line.unit_price.currency != "USD")
        return note("prices in " + fact->line.unit_price.currency + " are written as if they were US cents");
  }

  void expect(const std::string& entity, std::string path, std::string value) {
    out_.what.expectations.push_back({entity, std::move(path), {std::move(value)}});
  }

  void expect_ends(std::vector<expectation> stock) {
    for (const auto& one : story_.sagas) expect_end(one);
    if (story_.unfinished()) return;
    if (!story_.order_events.empty()) expect("order/" + story_.order, "status", std::string(to_string(story_.order_end.status)));
    if (!story_.payment_events.empty()) expect("payment/" + story_.order, "status", std::string(to_string(story_.payment_end.status)));
    append(out_.what.expectations, std::move(stock));
  }

  /// Of one that goes on only what it has done is known; it may be undone yet.
  void expect_end(const saga_story& of) {
    if (of.end.definition == "cancel-order" || of.end.definition == "refund-order") return;  // its id holds a time
    const auto entity = "saga/" + of.id;
    const bool goes_on = !of.end.over() && of.end.status != run::status::parked;
    if (!goes_on) return expect_over(of, entity);
    for (std::size_t step = 0; step < of.end.times_done.size(); ++step)
      if (of.end.times_done[step] > 0)
        out_.what.expectations.push_back({entity, "steps." + std::to_string(step) + ".status", {"done", "undone"}});
  }

  void expect_over(const saga_story& of, const std::string& entity) {
    std::vector<std::string> status{std::string(to_string(of.end.status))}, cause;
    for (const auto& one : of.events)
      if (const auto* began = std::get_if<run::compensation_began>(&one.what)) {
        cause = {std::string(to_string(began->cause))};
        // Its customer cancelled it within milliseconds of what it did: whether it saw that or was told first is chance.
        if (began->fault.code != "order_request_pending") continue;
        note("the checkout saw that its order was to be cancelled before it was told so; a replay may tell it first");
        status = {"compensated", "cancelled"};
        cause = {"failure", "cancel"};
      }
    out_.what.expectations.push_back({entity, "status", std::move(status)});
    if (of.end.status == run::status::parked) expect(entity, "fault.code", of.end.fault.code);
    if (!cause.empty()) out_.what.expectations.push_back({entity, "cause", std::move(cause)});
  }

  void note(std::string what) { out_.notes.push_back(std::move(what)); }

  const story& story_;
  recording out_;
};

}  // namespace

result<recording> record_saga(event_source& from, const std::string& saga_id) {
  BV_ASSIGN(const auto told, read_story(from, saga_id));
  auto made = writer(told).write();
  const auto problems = check_scenario(made.what, shop_contracts());
  if (problems.empty()) return made;
  std::string all;
  for (const auto& one : problems) all += "\n  " + describe(one);
  return failure(error_kind::internal, "record_no_scenario", "what was recorded makes no scenario:" + all, saga_id);
}

}  // namespace bv::sim
