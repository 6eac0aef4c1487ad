#include "protocols/cluster/quiet_log.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace bv;
using namespace bv::cluster;
using namespace std::chrono_literals;

namespace {

struct quiet_log_world {
  std::vector<std::string> lines;
  quiet_log log{[this](const runtime::note& what) { lines.emplace_back(what.message); }, 1000ms};
  quiet_log::instant now{10s};
  void say(const std::string& peer, const std::string& code) { log.say(runtime::note_level::info, peer, {error_kind::internal, code, "why"}, now); }
};

}  // namespace

TEST_CASE("quiet log: the same of the same peer is said once in a while, with how often it was kept quiet") {
  quiet_log_world w;
  for (int i = 0; i < 5; ++i) w.say("10.0.0.1", "refused");
  CHECK(w.lines == std::vector<std::string>{"10.0.0.1: refused: why"});
  w.say("10.0.0.2", "refused");
  w.say("10.0.0.1", "timeout");
  CHECK(w.lines.size() == 3);
  w.now += 1000ms;
  w.say("10.0.0.1", "refused");
  REQUIRE(w.lines.size() == 4);
  CHECK(w.lines.back() == "10.0.0.1: refused: why (and 4 more times since it was last said)");
}

TEST_CASE("quiet log: what it remembers is bounded; the oldest is forgotten") {
  quiet_log_world w;
  for (std::size_t i = 0; i <= quiet_log::remembered_max; ++i) {
    w.say("peer " + std::to_string(i), "refused");
    w.now += 1us;
  }
  const auto before = w.lines.size();
  w.say("peer " + std::to_string(quiet_log::remembered_max), "refused");
  w.say("peer 1", "refused");
  CHECK(w.lines.size() == before);
  w.say("peer 0", "refused");
  CHECK(w.lines.size() == before + 1);
}
