// Those who follow the log, where they are easily left behind.
#include <map>

#include "tests/actors/runtime/node_world.hpp"

using namespace bv;
using namespace bv::test;

namespace {

/// Is done with an event when the test says so.
class holder final : public runtime::event_handler {
 public:
  std::map<std::int64_t, std::function<void(result<void>)>> held;  ///< by the amount that was added
  std::string name() const override { return "holder"; }
  std::vector<runtime::event_interest> interests() const override { return {{"counter"}}; }
  void handle(const runtime::logged_event& event, runtime::gateway&, std::function<void(result<void>)> done) override {
    counter::event happened;
    REQUIRE(counter::contract::decode(event.payload, happened).has_value());
    held[std::get<counter::added>(happened).amount] = std::move(done);
  }
};

}  // namespace

TEST_CASE("subscription: what was not done at a crash is handed over again, though what came after it was") {
  storage::memory_disk disk(4);
  const auto before = std::make_shared<holder>(), after = std::make_shared<holder>();
  {
    node_world world(disk);
    world.start({}, {before});
    world.add("a", 1);
    world.add("a", 2);
    REQUIRE(before->held.size() == 2);
    before->held.at(2)({});
    world.run();
    world.add("a", 3);  // a cursor goes to the disk with the next write
    disk.crash();
    before->held.clear();
  }
  node_world world(disk);
  world.start({}, {after});
  CHECK(after->held.contains(1));
  CHECK(after->held.contains(3));
  after->held.clear();
}

TEST_CASE("projection: it reads page by page and leaves nothing out") {
  storage::memory_disk disk(4);
  node_world world(disk);
  world.start({std::make_shared<sums>()}, {});
  constexpr int several_pages = 5'000;
  for (int i = 0; i < several_pages; ++i) world.add("a", 1);
  REQUIRE(world.node->rebuild("sums"));
  world.run();
  CHECK(world.row("a") == std::to_string(several_pages));
}
