#include "sim/record/outage.hpp"

#include "tests/sim/record/told.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

TEST_CASE("outage: a deadline in time says nothing") {
  adas_order told;
  told.reserve(2100ms);
  told.compensate(33s, run::cause::deadline, "saga_deadline", 2);
  CHECK_FALSE(infer_outage(told.read_saga()));
}

TEST_CASE("outage: after a deadline that came late the node is taken to have been away since the last that was heard") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(7100ms, 1, "timeout", 200ms);
  told.compensate(20min, run::cause::deadline, "saga_deadline", 2);
  const auto found = infer_outage(told.read_saga());
  REQUIRE(found);
  CHECK(found->when.at == std::optional<duration>(7200ms));
  const auto& crash = std::get<crash_fault>(found->what);
  CHECK(crash.down == 20min - 7200ms - 50ms);
}

TEST_CASE("outage: it begins before the deadline that nobody rang") {
  adas_order told;
  told.reserve(2100ms);
  told.attempt_failed(31'950ms, 1, "timeout", 200ms);
  told.compensate(20min, run::cause::deadline, "saga_deadline", 2);
  const auto found = infer_outage(told.read_saga());
  REQUIRE(found);
  CHECK(found->when.at == std::optional<duration>(32s));
}
