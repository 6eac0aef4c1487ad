// When all is at rest, no saga is on its way any more, and the world is as its end says: a checkout that completed has
// sold the goods and taken the money, one that was undone has done nothing at all. What each saga does is told in
// sagas/commerce; here is what must be left of it.
//
// A saga that needs people is reported, but for two cases: the plan expects it (an expectation of the saga's status), or
// the plan's faults have held it up for longer than goods are held for anybody. Then no order of steps could have done
// better: the goods may be gone when the money is already taken.

#include <algorithm>

#include "protocols/schema/sagas/checkout.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/checkers/saga_world.hpp"
#include "sim/checkers/shop_book.hpp"

namespace bv::sim {
namespace {

namespace run = sagas::run;

bool expects_parked(const plan& of, std::string_view id) {
  return std::ranges::any_of(of.expectations, [&](const expectation& one) {
    return one.entity == "saga/" + std::string(id) && one.path == "status" &&
           std::ranges::find(one.values, "parked") != one.values.end();
  });
}

/// Whether something of the plan can hold sagas up at all.
bool may_delay(const plan& of) {
  const auto& temper = of.processor;
  return !of.faults.empty() || of.network.loss_percent > 0 || temper.fail_percent > 0 || temper.hang_percent > 0 ||
         temper.slow_percent > 0 || temper.cents_decide;
}

class sagas_end_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "sagas_end";

  explicit sagas_end_checker(const plan& of) : judge(invariant_name), plan_(of) {}

  void at_end(const observations& all, std::vector<violation>& found) override {
    shop_book book;
    for (const auto& record : all.records)
      if (!book.take(record)) report(found, record.committed_at, place_of(record) + ": an event can't be read");
    for (const auto& [where, of] : book.shops()) {
      const auto say = [&, node = where.first](const std::string& wrong) {
        report(found, all.now, node_name(node) + " " + wrong);
      };
      for (const auto& [id, saga] : of.sagas) check_saga(id, saga, say);
      for (const auto& wrong : contradictions(of)) say(wrong);
    }
  }

 private:
  template <class Say>
  void check_saga(const std::string& id, const saga_record& saga, const Say& say) {
    for (const auto& wrong : saga.wrong) say("saga/" + id + " " + wrong);
    if (saga.now.over() || saga.now.status == run::status::unstarted) return;
    if (saga.now.status == run::status::parked) {
      const bool held_up = may_delay(plan_) && saga.now.parked_at - saga.now.started_at >= goods_held_for;
      if (!held_up && !expects_parked(plan_, id))
        say("saga/" + id + " is parked: " + saga.now.fault.code + " at '" + saga.now.fault.step + "' (" +
            saga.now.fault.message + ")");
      return;
    }
    say("saga/" + id + " is " + std::string(to_string(saga.now.status)) + " at step " +
        (saga.now.current < saga.now.steps.size() ? "'" + saga.now.steps[saga.now.current] + "'" : "none") +
        ", all should have come to its end");
  }

  const plan& plan_;
};

}  // namespace

invariant sagas_end() {
  return {{sagas_end_checker::invariant_name,
           "Every saga that was to start did, has ended, did no step twice, and the world is as its end says."},
          [](const plan& of) -> std::unique_ptr<checker> { return std::make_unique<sagas_end_checker>(of); }};
}

}  // namespace bv::sim
