#include <caf/actor_system.hpp>

#include "tests/actors/runtime/node_world.hpp"

namespace bv::test {
namespace {

/// Accepts everything.
class quiet_handler final : public runtime::event_handler {
 public:
  std::string name() const override { return "quiet"; }
  std::vector<runtime::event_interest> interests() const override { return {{"counter"}}; }
  void handle(const runtime::logged_event&, runtime::gateway&, std::function<void(result<void>)> done) override { done({}); }
};

/// What came of the start of a node whose end began after so many turns; nothing: it never heard.
node_world::outcome end_after(std::size_t turns, bool dies) {
  storage::memory_disk disk;
  node_world world(disk);
  const auto ready = world.begin_start({std::make_shared<sums>()}, {std::make_shared<quiet_handler>()});
  for (std::size_t i = 0; i < turns; ++i) world.actors.run_one();
  bool ended = false;
  if (dies)
    world.node->abandon([&] { ended = true; });
  else
    world.node->stop([&] { ended = true; });
  world.run();
  CHECK(ended);
  world.node.reset();
  CHECK(world.actors.system().registry().running() == 0);
  return *ready;
}

TEST_CASE("node: it may be stopped, or die, at every turn of its start, and leaves no actor behind") {
  for (const bool dies : {false, true}) {
    CAPTURE(dies);
    std::size_t refused = 0, turns = 0;
    for (;; ++turns) {
      CAPTURE(turns);
      const auto outcome = end_after(turns, dies);
      if (outcome && *outcome) break;  // from here on it was ready before its end began
      if (outcome) {
        ++refused;
        CHECK(outcome->error().code == "node_stopping");
      }
      REQUIRE(turns < 1000);
    }
    CHECK(turns > 4);
    CHECK(refused > 0);
  }
}

}  // namespace
}  // namespace bv::test
