#include <doctest/doctest.h>

#include "tests/sim/checkers/history.hpp"

namespace bv::sim::testing {
namespace {

std::vector<violation> judge_stock(const std::vector<inventory::event>& events) {
  history h;
  for (const auto& event : events) h.log<inventory::contract>("MUG", {event});
  return h.judge_by("never_oversold");
}

const timestamp soon{1'000'000'000};
const inventory::event ten = inventory::initialised{"MUG", "P1", 10, {}};

inventory::event hold(const std::string& id, std::uint32_t units) { return inventory::reserved{id, units, soon}; }
inventory::event sale(const std::string& id, std::uint32_t units) { return inventory::committed{id, units, {}}; }

TEST_CASE("never oversold: all that is there may be reserved, sold, returned and sold again") {
  const auto found = judge_stock({ten, hold("A", 6), hold("B", 4), inventory::reorder_needed{"MUG", 0, {}}, sale("A", 6),
                            inventory::released{"B", 4, {}}, inventory::restocked{"A", 6, {}}, hold("C", 10),
                            inventory::reservation_expired{"C", 10, soon}, inventory::adjusted{-3, "broken", {}},
                            inventory::received{1, {}, {}}, hold("A", 8), inventory::retired{"P1", {}}});
  CHECK_MESSAGE(found.empty(), text_of(found));
}

TEST_CASE("never oversold: one unit too many is seen at once, with the numbers") {
  const auto found = judge_stock({ten, hold("A", 6), sale("A", 6), hold("B", 5)});
  REQUIRE(found.size() == 1);
  CHECK(found.front().what == "n1 inventory/MUG at version 4: 5 reserved and 6 sold are more than the 10 ever stocked");
  CHECK(found.front().at == timestamp{4'000'000});
  CHECK(judge_stock({ten, hold("A", 6), inventory::adjusted{-5, "", {}}}).size() == 1);
}

TEST_CASE("never oversold: a reservation counts once") {
  CHECK(says(judge_stock({ten, hold("A", 2), hold("A", 2)}), "counted twice"));
  CHECK(says(judge_stock({ten, hold("A", 2), sale("A", 2), sale("A", 2)}), "was not open"));
  CHECK(says(judge_stock({ten, hold("A", 2), sale("A", 2), inventory::released{"A", 2, {}}}), "was not open"));
  CHECK(says(judge_stock({ten, hold("A", 2), inventory::released{"A", 3, {}}}), "it held 2"));
}

TEST_CASE("never oversold: what is held no longer is not sold") {
  CHECK(says(judge_stock({ten, hold("A", 2), inventory::committed{"A", 2, soon}}), "it was held until"));
}

TEST_CASE("never oversold: no more comes back than was sold") {
  CHECK(says(judge_stock({ten, hold("A", 2), sale("A", 2), inventory::restocked{"A", 3, {}}}), "only 2 were sold"));
}

TEST_CASE("never oversold: the alert tells how many units there are") {
  CHECK(says(judge_stock({ten, hold("A", 1), inventory::reorder_needed{"MUG", 10, {}}}), "there are 9"));
}

TEST_CASE("never oversold: each node has shelves of its own") {
  history h;
  h.log<inventory::contract>("MUG", {ten});
  h.log<inventory::contract>("MUG", {ten}).node = 1;
  h.log<inventory::contract>("MUG", {hold("A", 10)});
  CHECK(h.judge_by("never_oversold").empty());
  h.log<inventory::contract>("MUG", {hold("B", 10)});
  CHECK(!h.judge_by("never_oversold").empty());
}

TEST_CASE("never oversold: an event that can't be read is no excuse") {
  history h;
  h.log<inventory::contract>("MUG", {ten}).events.front().payload = "rubbish";
  CHECK(says(h.judge_by("never_oversold"), "can't be read"));
}

}  // namespace
}  // namespace bv::sim::testing
