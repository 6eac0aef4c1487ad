#include "actors/runtime/pacemaker.hpp"

#include <doctest/doctest.h>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include "sim/world/actor_turns.hpp"
#include "tests/actors/runtime/kept_net.hpp"

using namespace bv;
using namespace bv::runtime;
using namespace std::chrono_literals;

namespace {

/// Says something at each tick, as a leader without anything to replicate.
class ticked_shard final : public mailed_actor {
 public:
  ticked_shard(caf::actor_config& config, std::uint16_t number, shard_links& links, int& ticks)
      : mailed_actor(config), number_(number), links_(links), ticks_(ticks) {}
  caf::behavior make_behavior() override {
    return {[this](const group_tick&) {
      ++ticks_;
      links_.send_in_beat(node_id{2}, storage::shard_id{number_}, replication::append_request{});
    }};
  }

 private:
  const std::uint16_t number_;
  shard_links& links_;
  int& ticks_;
};

}  // namespace

TEST_CASE("pacemaker: each heartbeat ticks all shards, and what they say goes out as one frame") {
  sim::actor_turns actors{1, true};
  test::kept_net net;
  const note_handler notes = [](const note&) {};
  roster nobody_else{{.cluster = 7, .shards = 2, .replicas = 3, .founders = {{1, "n1", "n1"}}}, {}};
  shard_links links{{.node = node_id{1}, .cluster = 7, .name = "n1", .address = {}}, nobody_else, net, notes};
  int ticks = 0;
  std::vector<caf::actor> all;
  for (std::uint16_t i = 0; i < 5; ++i) all.push_back(actors.system().spawn<ticked_shard>(i, std::ref(links), std::ref(ticks)));
  all.push_back(actors.system().spawn<pacemaker>(all, std::ref(links), duration{50ms}));
  caf::anon_send(all.back(), next_beat{});
  const auto run = [&] {
    while (actors.run_one()) {
    }
  };
  run();
  CHECK(ticks == 5);
  CHECK(net.sent.size() == 1);
  actors.pass_to(49ms);
  run();
  CHECK(ticks == 5);
  actors.pass_to(50ms);
  run();
  CHECK(ticks == 10);
  CHECK(net.sent.size() == 2);
  for (const auto& one : all) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  all.clear();
  run();
}
