// covers: sim/hunt/simplify_*.cpp
#include "sim/hunt/simplify.hpp"

#include <doctest/doctest.h>

#include <set>

#include "sim/hunt/shrink.hpp"

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;

namespace {

/// What is left of a plan when everything that `fails` lets go is gone.
plan plainest(const plan& from, const std::function<bool(const plan&)>& fails) {
  return shrink(from, fails, {.trials_max = 100'000}).what;
}

plan with_fault(fault_action what, trigger when = {.at = 1s}) {
  plan p;
  p.faults = {{when, 2, std::move(what)}};
  return p;
}
plan with_step(client_step step) {
  plan p;
  p.clients = {{.name = "ada", .steps = {std::move(step)}}};
  return p;
}

/// Keeps the one fault, and what `needed` says of it.
template <class Kind>
fault plainest_fault(Kind what, const trigger& when, const std::function<bool(const fault&, const Kind&)>& needed) {
  const auto fails = [&](const plan& p) {
    return p.faults.size() == 1 && needed(p.faults[0], std::get<Kind>(p.faults[0].what));
  };
  return plainest(with_fault(what, when), fails).faults.at(0);
}
template <class Kind>
Kind plainest_action(Kind what) {
  return std::get<Kind>(plainest_fault<Kind>(what, {.at = 1s}, [](auto&, auto&) { return true; }).what);
}

bool has_step(const plan& p) { return p.clients.size() == 1 && p.clients[0].steps.size() == 1; }
template <class Kind>
Kind plainest_step(Kind step, const std::function<bool(const Kind&)>& needed) {
  const auto fails = [&](const plan& p) { return has_step(p) && needed(std::get<Kind>(p.clients[0].steps[0])); };
  return std::get<Kind>(plainest(with_step(step), fails).clients[0].steps[0]);
}

}  // namespace

TEST_CASE("simplify: each transformation has a name of its own") {
  std::set<std::string_view> names;
  std::size_t all = 0;
  for (const auto table : {simpler_conditions(), simpler_faults(), simpler_scripts()}) {
    for (const auto& each : table) names.insert(each.name);
    all += table.size();
  }
  CHECK(names.size() == all);
}

TEST_CASE("simplify: a plan that is plain already is left alone by all but a few, and those are done at once") {
  const auto settled = plainest(plan{}, [](const plan&) { return true; });
  for (const auto table : {simpler_conditions(), simpler_faults(), simpler_scripts()}) {
    for (const auto& each : table) {
      auto p = settled;
      for (std::size_t place = 0; place < each.places(p); ++place) CHECK_FALSE(each.apply(p, place));
    }
  }
}

TEST_CASE("simplify: what says that it changed nothing changed nothing, and the others did") {
  plan from;
  from.where = {3, 4, storage_tier::rocks};
  from.clocks = {{1500ms, 5}};
  from.network.loss_percent = 3;
  from.bounds.live_entities_per_shard_max = 7;
  from.shelves = {{"mug", 3, 9999}, {"cup", 5000, 1}};
  from.clients = {{.name = "ada", .start = 1234ms, .node = 2,
                   .steps = {ask_step{"cart/ada", "addItem", R"({"quantity":9})", 4}, wait_step{61s}, view_step{"cart/ada"}}}};
  from.faults = {{{.at = 1234ms}, 2, crash_fault{9s}},
                 {{.on_write = trigger::journal_write{9, trigger::write_moment::after}}, 0, disk_error_fault{5s}},
                 {{.on_event = trigger::event_match{"order.placed", "o", "a", "b", 5}, .then_after = 7ms}, 0,
                  link_fault{"clients", "n2", true, {{1s, 2s}, 30, 20, false}, 7s}}};
  for (const auto table : {simpler_conditions(), simpler_faults(), simpler_scripts()}) {
    for (const auto& each : table) {
      for (std::size_t place = 0; place < each.places(from); ++place) {
        CAPTURE(each.name);
        auto p = from;
        const bool changed = each.apply(p, place);
        CHECK(changed == (p != from));
      }
    }
  }
}

TEST_CASE("simplify: conditions become plain") {
  plan from;
  from.where = {3, 16, storage_tier::rocks};
  from.network = {{1ms, 2s}, 10, 20, false};
  from.clocks = {{1s, 5}};
  from.processor = {.seed = 5, .approve_percent = 10, .fail_percent = 20, .hang_percent = 30, .slow_percent = 40,
                    .answer_after = 2s, .failures_before_answer = 9, .cents_decide = true};
  from.bounds.live_entities_per_shard_max = 3;
  from.bounds.events_before_passivation_snapshot = 1;
  from.clients_patience = {9s, {1s, 2s}, 3};
  from.time = {1s, 90s, 600s, 48h};
  const auto p = plainest(from, [](const plan&) { return true; });
  CHECK(p.where.nodes == 1);
  CHECK(p.where.shards == 1);
  CHECK(p.where.tier == storage_tier::memory);
  CHECK_FALSE(p.shuffle_turns);
  CHECK(p.network == link_conditions{{100us, 100us}, 0, 0, false});
  CHECK(p.journal_write == span{300us, 300us});
  CHECK(p.clocks.empty());
  CHECK(p.processor.approve_percent == 100);
  CHECK(p.processor.fail_percent + p.processor.hang_percent + p.processor.slow_percent == 0);
  CHECK(p.processor.answer_after == 0s);
  CHECK(p.processor.failures_before_answer == 2);
  CHECK_FALSE(p.processor.cents_decide);
  CHECK(p.processor.seed == 0);
  CHECK(p.bounds.live_entities_per_shard_max == runtime::limits{}.live_entities_per_shard_max);
  CHECK(p.bounds.events_before_passivation_snapshot == runtime::limits{}.events_before_passivation_snapshot);
  CHECK(p.clients_patience.answer_within == patience{}.answer_within);
  CHECK(p.clients_patience.pause == patience{}.pause);
  CHECK(p.clients_patience.attempts_max == patience{}.attempts_max);
  CHECK(p.time.chaos == 1s);
  CHECK(p.time.settle_max == 689s);
  CHECK(p.time.linger == 0s);
}

TEST_CASE("simplify: of a group of conditions only the one that is needed stays") {
  plan from;
  from.network = {{1ms, 2s}, 10, 20, false};
  from.processor = {.approve_percent = 10, .fail_percent = 20, .hang_percent = 30};
  from.bounds.live_entities_per_shard_max = 3;
  from.bounds.remember_for = 1s;
  from.clocks = {{1500ms, 5}, {-2s, 7}};
  const auto p = plainest(from, [](const plan& candidate) {
    return candidate.network.duplicate_percent == 20 && candidate.processor.hang_percent == 30 &&
           candidate.bounds.remember_for == 1s && candidate.clocks.size() == 2 && candidate.clocks[0].ahead_by >= 1s;
  });
  CHECK(p.network == link_conditions{{100us, 100us}, 0, 20, false});
  CHECK(p.processor.approve_percent == 100);
  CHECK(p.processor.fail_percent == 0);
  CHECK(p.bounds.live_entities_per_shard_max == runtime::limits{}.live_entities_per_shard_max);
  CHECK(p.clocks[0].ahead_by == 1s);
  CHECK(p.clocks[0].drift_ppm == 0);
  CHECK(p.clocks[1].ahead_by == 0s);
  CHECK(p.clocks[1].drift_ppm == 0);
}

TEST_CASE("simplify: nodes that nobody uses go; those of a link that is cut go together") {
  plan from;
  from.where.nodes = 5;
  from.clocks.resize(5);
  from.clients = {{.name = "ada", .node = 1, .steps = {view_step{"cart/ada"}}}};
  const auto stays = [](const plan& p) { return has_step(p) && p.clients[0].node == 1 && !p.clocks.empty(); };
  const auto p = plainest(from, stays);
  CHECK(p.where.nodes == 2);
  CHECK(p.clocks.size() == 2);

  from.clients[0].node = 4;
  const auto three = plainest(from, [](const plan& candidate) { return has_step(candidate) && candidate.where.nodes >= 3; });
  CHECK(three.where.nodes == 3);
  CHECK(three.clients[0].node == 0);

  auto cut = with_fault(link_fault{"clients", "n3", true, {.cut = true}, 1s});
  cut.where.nodes = 3;
  const auto link = plainest(cut, [](const plan& candidate) { return candidate.faults.size() == 1; }).faults[0];
  CHECK(std::get<link_fault>(link.what).b == "n1");
  CHECK(link.node == 0);
}

TEST_CASE("simplify: long chaos and lingering are halved as far as they can be") {
  plan from;
  from.time = {1s, 100s, 600s, 1000s};
  const auto p = plainest(from, [](const plan& candidate) {
    return candidate.time.chaos >= 10s && candidate.time.linger >= 10s;
  });
  CHECK(p.time.chaos == 13s);
  CHECK(p.time.settle_max == 687s);
  CHECK(p.time.linger >= 10s);
  CHECK(p.time.linger < 20s);
}

TEST_CASE("simplify: faults become plain") {
  CHECK(plainest_action(crash_fault{7s, unsynced::torn}).down == 1s);
  CHECK(plainest_action(crash_fault{7s, unsynced::torn}).in_flight == unsynced::lost);
  CHECK(plainest_action(stop_fault{7s}).down == 1s);
  CHECK(plainest_action(pause_fault{7s}).lasts == 1s);
  CHECK(plainest_action(pause_fault{300ms}).lasts == 300ms);
  CHECK(plainest_action(disk_error_fault{20s}).restart_after == 1s);
  CHECK(plainest_action(slow_disk_fault{1s, {1ms, 50ms}}).write == span{50ms, 50ms});
  CHECK(plainest_action(clock_fault{{1h, 9}}).to.drift_ppm == 0);
  CHECK(plainest_action(clock_fault{{1h, 9}}).to.ahead_by <= 2s);
  CHECK(plainest_action(processor_fault{commerce::processor_behaviour::hang, {1s, 2s}, 9s}).answer_after == span{});
  CHECK(plainest_action(command_fault{{"cart/ada", "clear", "{}", 3}}).what.copies == 1);

  const auto link = plainest_action(link_fault{"clients", "n1", true, {{1s, 2s}, 30, 20, false}, 7s});
  CHECK(link.conditions == link_conditions{.cut = true});
  CHECK_FALSE(link.one_way);
  CHECK(link.lasts == 1s);
}

TEST_CASE("simplify: of a link's faults only the one that is needed stays") {
  const link_fault bad{"clients", "n1", true, {{1s, 2s}, 30, 20, false}, 7s};
  const auto left = std::get<link_fault>(
      plainest_fault<link_fault>(bad, {.at = 1s}, [](auto&, const link_fault& f) {
        return f.conditions.duplicate_percent > 0 && f.lasts >= 3s;
      }).what);
  CHECK(left.conditions == link_conditions{.duplicate_percent = 20});
  CHECK(left.lasts == 4s);
}

TEST_CASE("simplify: a fault strikes as early and as simply as it can") {
  const auto anything = [](const fault&, const crash_fault&) { return true; };
  const auto on_event = plainest_fault<crash_fault>(
      {}, {.on_event = trigger::event_match{"saga.stepDone", "checkout-", "step", "pay", 9}, .then_after = 12ms}, anything);
  CHECK(on_event.node == 0);
  CHECK(on_event.when.on_event->nth == 1);
  CHECK(on_event.when.on_event->id_prefix.empty());
  CHECK(on_event.when.on_event->field.empty());
  CHECK(on_event.when.on_event->value.empty());
  CHECK(on_event.when.then_after == 0s);

  const auto on_write = plainest_fault<crash_fault>(
      {}, {.on_write = trigger::journal_write{41, trigger::write_moment::torn}},
      [](const fault& f, const crash_fault&) { return f.when.on_write->number >= 17; });
  CHECK(on_write.when.on_write->number == 17);
  CHECK(on_write.when.on_write->moment == trigger::write_moment::before);
}

TEST_CASE("simplify: times are rounded, but only as far as the failure bears it") {
  const auto at = [](duration from, std::function<bool(duration)> fails) {
    return *plainest_fault<crash_fault>({}, {.at = from}, [&](const fault& f, const crash_fault&) {
      return fails(*f.when.at);
    }).when.at;
  };
  CHECK(at(7'654'321'987ns, [](duration) { return true; }) == 7s);
  CHECK(at(7'654'321'987ns, [](duration t) { return t > 7s; }) == 7600ms);
  CHECK(at(7'654'321'987ns, [](duration t) { return t > 7600ms; }) == 7654ms);
  CHECK(at(7'654'321'987ns, [](duration t) { return t > 7654ms; }) == 7'654'321'987ns);
  CHECK(at(54'321'987ns, [](duration) { return true; }) == 54ms);

  const auto after = plainest_fault<pause_fault>(
      {987'654us}, {.on_event = trigger::event_match{.type = "order.placed"}, .then_after = 1'234'567us},
      [](const fault& f, const pause_fault& pause) { return f.when.then_after > 1s && pause.lasts > 950ms; });
  CHECK(after.when.then_after == 1200ms);
  CHECK(std::get<pause_fault>(after.what).lasts == 987ms);

  const auto wait = plainest_step<wait_step>({29 * 24h + 1234ms}, [](auto&) { return true; });
  CHECK(wait.time == 29 * 24h);
}

TEST_CASE("simplify: what clients send becomes less") {
  const auto fails = [](const ask_step& ask) { return ask.copies >= 4; };
  const auto ask = plainest_step<ask_step>(
      {"cart/ada", "addItem", R"({"sku":"mug","quantity":40,"price":{"amountMinor":1250}})", 12}, fails);
  CHECK(ask.copies == 4);
  CHECK(ask.body == R"({"sku":"mug","quantity":1,"price":{"amountMinor":1}})");

  const auto needs_seven = plainest_step<ask_step>(
      {"cart/ada", "addItem", R"({"quantity":40})"},
      [](const ask_step& step) { return step.body == R"({"quantity":40})" || step.body.size() == 15 || step.body[12] >= '7'; });
  CHECK(needs_seven.body == R"({"quantity":7})");
  CHECK(plainest_step<ask_step>({"cart/ada", "addItem", "[2,1,0,-5]"}, [](auto&) { return true; }).body == "[1,1,0,-5]");
}

TEST_CASE("simplify: clients start at the beginning, shelves are like others") {
  auto from = with_step(view_step{"cart/ada"});
  from.clients[0].start = 5'250ms;
  from.shelves = {{"mug", 3, 9999}, {"cup", 5000, 1}};
  const auto p = plainest(from, [](const plan& candidate) { return has_step(candidate) && candidate.shelves.size() == 2; });
  CHECK(p.clients[0].start == 0s);
  CHECK(p.shelves[0].stock == 100);
  CHECK(p.shelves[0].price_minor == 1250);
  CHECK(p.shelves[1].stock == 100);

  const auto scarce = plainest(from, [](const plan& candidate) {
    return has_step(candidate) && candidate.clients[0].start > 5s && candidate.shelves.size() == 2 &&
           candidate.shelves[0].stock < 50;
  });
  CHECK(scarce.clients[0].start == 5200ms);
  CHECK(scarce.shelves[0].stock == 2);
}
