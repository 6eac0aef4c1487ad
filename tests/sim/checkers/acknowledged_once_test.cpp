#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

const timestamp begin{0}, later{1'000'000'000};

inventory::event received(std::uint32_t units) { return inventory::received{units, {}, {}}; }

/// Ten units on the shelf at version 1; "c1" adds one at version 2, at 2 ms.
history one_command() {
  history h;
  h.log<inventory::contract>("MUG", {inventory::initialised{"MUG", "P1", 10, {}}});
  h.log<inventory::contract>("MUG", {received(1)}, "c1");
  return h;
}

operation& accept(history& h, const std::string& id, std::uint64_t version, std::vector<std::uint16_t> events) {
  auto& asked = h.ask("inventory/MUG", "receive", id, begin, later);
  asked.outcome = operation::accepted{version, std::move(events)};
  return asked;
}

TEST_CASE("acknowledged once: an accepted command is in the log as it was told") {
  auto h = one_command();
  accept(h, "c1", 2, {1});
  accept(h, "c1", 2, {1});  // a second device under the same id hears the same
  CHECK(h.judge_by("acknowledged_once").empty());
}

TEST_CASE("acknowledged once: a command that is lost is found missing") {
  auto h = one_command();
  accept(h, "c2", 2, {1});
  CHECK(says(h.judge_by("acknowledged_once"),
             "ada's receive of n1 inventory/MUG (c2) was accepted as version 2 with events [1], and is not in the log"));
}

TEST_CASE("acknowledged once: the version and the events that were told are those of the log") {
  auto h = one_command();
  accept(h, "c1", 3, {1});
  CHECK(says(h.judge_by("acknowledged_once"), "the log has version 2 with 1 events"));
  auto other = one_command();
  accept(other, "c1", 2, {2});
  CHECK(says(other.judge_by("acknowledged_once"), "with events [2]"));
  auto none = one_command();
  accept(none, "c1", 2, {});
  CHECK(none.judge_by("acknowledged_once").size() == 1);
}

TEST_CASE("acknowledged once: an answer does not leave before its record is committed") {
  auto h = one_command();
  accept(h, "c1", 2, {1}).returned = timestamp{2'000'000};
  CHECK(h.judge_by("acknowledged_once").empty());
  h.seen.history.back().returned = timestamp{1'999'999};
  CHECK(says(h.judge_by("acknowledged_once"), "it was committed at"));
}

TEST_CASE("acknowledged once: a view shows what is committed") {
  auto h = one_command();
  h.look("inventory/MUG", begin, later, 2);
  h.look("inventory/MUG", begin, timestamp{1'000'000}, 1);
  h.look("inventory/CUP", begin, later, 0);
  CHECK(h.judge_by("acknowledged_once").empty());
  h.look("inventory/MUG", begin, timestamp{1'000'000}, 2);
  CHECK(says(h.judge_by("acknowledged_once"), "it was committed at"));
}

TEST_CASE("acknowledged once: a view shows no version that the log does not have") {
  auto h = one_command();
  h.log<inventory::contract>("MUG", {received(1), received(1)});
  h.look("inventory/MUG", begin, later, 5);
  CHECK(says(h.judge_by("acknowledged_once"), "showed version 5, which no record of the log leaves"));
  h.seen.history.back().outcome = operation::seen{3, {}};  // the middle of a record
  CHECK(h.judge_by("acknowledged_once").size() == 1);
}

TEST_CASE("acknowledged once: what was refused has left nothing") {
  auto h = one_command();
  h.log<inventory::contract>("MUG", {}, "c2");
  h.ask("inventory/MUG", "adjust", "c2", begin, later).outcome = operation::refused{{error_kind::conflict, "stock_below_zero", ""}};
  h.ask("inventory/MUG", "adjust", "c3", begin, later).outcome = operation::refused{{error_kind::invalid, "bad", ""}};
  CHECK(h.judge_by("acknowledged_once").empty());
  h.ask("inventory/MUG", "receive", "c1", begin, later).outcome = operation::refused{{error_kind::conflict, "sku_unknown", ""}};
  CHECK(says(h.judge_by("acknowledged_once"), "was refused with sku_unknown, and has left 1 events"));
}

TEST_CASE("acknowledged once: an id that is refused because another command had it says nothing of that one") {
  auto h = one_command();
  h.ask("inventory/MUG", "adjust", "c1", begin, later).outcome = operation::refused{{error_kind::conflict, "command_id_reused", ""}};
  CHECK(h.judge_by("acknowledged_once").empty());
}

TEST_CASE("acknowledged once: what nobody heard of may have happened, but once") {
  auto h = one_command();
  h.ask("inventory/MUG", "receive", "c1", begin, {}).outcome = operation::unknown{};
  h.ask("inventory/MUG", "receive", "c9", begin, {}).outcome = operation::unknown{};
  CHECK(h.judge_by("acknowledged_once").empty());
  h.log<inventory::contract>("MUG", {received(1)}, "c1");
  CHECK(says(h.judge_by("acknowledged_once"), "is in the log again, it was at version 2"));
}

TEST_CASE("acknowledged once: one id may be used with two entities") {
  auto h = one_command();
  h.log<inventory::contract>("CUP", {received(1)}, "c1");
  CHECK(h.judge_by("acknowledged_once").empty());
}

TEST_CASE("acknowledged once: an id that was forgotten may act again") {
  SUBCASE("because a day has passed") {
    auto h = one_command();
    h.pass(24h);
    h.log<inventory::contract>("MUG", {received(1)}, "c2");
    h.log<inventory::contract>("MUG", {received(1)}, "c1");
    CHECK(h.judge_by("acknowledged_once").empty());
  }
  SUBCASE("but not because a day has passed in which nothing was remembered") {
    auto h = one_command();
    h.pass(25h);
    h.log<inventory::contract>("MUG", {received(1)}, "c1");
    CHECK(h.judge_by("acknowledged_once").size() == 1);
  }
  SUBCASE("because too many came after it") {
    auto h = one_command();
    h.of.bounds.remembered_per_entity_max = 2;
    h.log<inventory::contract>("MUG", {received(1)}, "c2");
    auto once = h;
    once.log<inventory::contract>("MUG", {received(1)}, "c1");
    CHECK(once.judge_by("acknowledged_once").size() == 1);
    h.log<inventory::contract>("MUG", {received(1)}, "c3");
    h.log<inventory::contract>("MUG", {received(1)}, "c1");
    CHECK(h.judge_by("acknowledged_once").empty());
  }
}

}  // namespace
}  // namespace bv::sim::testing
