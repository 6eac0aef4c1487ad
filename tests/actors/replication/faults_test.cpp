// covers: actors/replication/libraft_consensus.cpp actors/replication/libraft_io.cpp actors/replication/libraft_convert.cpp
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/actors/replication/cluster.hpp"

namespace bv::replication {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t seeds_each = 150;

/// Strikes a group with everything that it must bear, while it is written to and read from.
class storm {
 public:
  /// `spare` more servers than founders are there, and who belongs to the group changes, if there are any.
  storm(std::uint64_t seed, std::size_t count, std::size_t spare)
      : world_(conditions(seed)), lots_(runtime::derive_seed(seed, "storm")), members_change_(spare > 0) {
    world_.found(count);
    for (std::size_t i = 0; i < spare; ++i) world_.add_server().start();
    load();
    strike();
  }

  void blow(duration lasts) { world_.run_for(lasts); }

  /// All that was broken is whole again; the group must come to rest, with nothing lost.
  void end() {
    over_ = true;
    world_.net.heal();
    for (auto& one : world_.servers) {
      one->disk_stuck = false;
      if (!one->up()) one->start();
    }
    // A transfer may still be under way.
    CHECK(world_.run_until(
        [this] {
          auto* const leader = world_.leader();
          return leader && leader->propose();
        },
        10s));
    CHECK(world_.await_agreement());
    if (auto* const leader = world_.leader()) read_at(world_, *leader);
    CHECK(world_.await_agreement());
    for (const auto& one : world_.servers) CHECK_FALSE(one->failed);
    for (const auto& line : world_.violations) MESSAGE(line);
    CHECK(world_.violations.empty());
  }

  [[nodiscard]] cluster& world() { return world_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

 private:
  static cluster_conditions conditions(std::uint64_t seed) {
    runtime::random_source lots(runtime::derive_seed(seed, "conditions"));
    cluster_conditions made{.seed = seed, .group = quick_group()};
    made.links.loss_percent = static_cast<std::uint32_t>(lots.below(3) == 0 ? lots.below(20) : 0);
    made.links.duplicate_percent = static_cast<std::uint32_t>(lots.below(3) == 0 ? lots.below(15) : 0);
    made.links.delay = {100us, std::chrono::milliseconds(1 + lots.below(25))};
    made.disk_most = std::chrono::milliseconds(1 + lots.below(20));
    return made;
  }

  replica& any() { return *world_.servers[lots_.below(world_.servers.size())]; }

  void load() {
    world_.time.after(std::chrono::microseconds(200 + lots_.below(6'000)), [this] {
      if (over_) return;
      for (auto& one : world_.servers) {
        if (!one->leads()) continue;
        (void)one->propose(lots_.below(150));
        if (lots_.below(4) == 0) read_at(world_, *one);
      }
      load();
    });
  }

  void strike() {
    world_.time.after(std::chrono::milliseconds(20 + lots_.below(250)), [this] {
      if (over_) return;
      auto& who = any();
      switch (lots_.below(9)) {
        case 0:
        case 1: restart(who); break;
        case 2: world_.isolate(who.id); break;
        case 3: world_.cut(who.id, any().id); break;
        case 4:
        case 5: world_.net.heal(); break;
        case 6: stick(who); break;
        case 7: flap(who); break;
        case 8:
          if (who.leads()) who.group->transfer(any().id, [](const result<void>&) {});
          break;
      }
      if (members_change_) change_members();
      strike();
    });
  }

  void change_members() {
    auto* const leader = world_.leader();
    if (!leader) return;
    const auto who = any().id;
    const auto now = leader->group->status().members;
    const auto* const found = member(now, who);
    const auto count = [this](const result<void>& outcome) { changes_ += outcome ? 1 : 0; };
    if (!found)
      leader->group->add_learner(who, count);
    else if (found->role != server_role::voter && lots_.below(3) > 0)
      leader->group->promote(who, count);
    else if (found->role == server_role::voter && voters_of(now) == 1)
      return;
    else if (found->role == server_role::voter && lots_.below(2) > 0)
      leader->group->demote(who, count);
    else
      leader->group->remove(who, count);
  }

  void restart(replica& who) {
    if (!who.up()) return;
    who.crash();
    if (lots_.below(2) > 0) world_.tell_link(who.id, false);
    world_.time.after(std::chrono::milliseconds(lots_.below(400)), [this, &who] {
      if (over_ || who.up()) return;
      who.start();
      world_.tell_link(who.id, true);
    });
  }

  /// Links come and go, whatever the network does.
  void flap(const replica& who) {
    world_.tell_link(who.id, false);
    world_.time.after(std::chrono::milliseconds(lots_.below(400)), [this, &who] { world_.tell_link(who.id, true); });
  }

  void stick(replica& who) {
    who.disk_stuck = true;
    world_.time.after(std::chrono::milliseconds(lots_.below(400)), [&who] { who.disk_stuck = false; });
  }

  cluster world_;
  runtime::random_source lots_;
  const bool members_change_;
  std::uint64_t changes_ = 0;
  bool over_ = false;
};

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
  const auto* const text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// `BV_SEED=7` begins there and `BV_SEEDS=1` tries one: how a seed is replayed.
void weather(std::size_t founders, std::size_t spare, std::uint64_t first) {
  std::uint64_t acknowledged = 0, reads = 0, leaders = 0, truncations = 0, changes = 0;
  const auto begin = number_of("BV_SEED", first), count = number_of("BV_SEEDS", seeds_each);
  for (auto seed = begin; seed < begin + count; ++seed) {
    CAPTURE(seed);
    storm bad(seed, founders, spare);
    bad.blow(6s);
    bad.end();
    acknowledged += bad.world().acknowledged;
    reads += bad.world().reads;
    changes += bad.changes();
    leaders += bad.world().leaders.size();
    for (const auto& server : bad.world().servers) truncations += server->truncations;
  }
  MESSAGE(founders << " founders: " << acknowledged << " acknowledged, " << reads << " reads, " << leaders << " leaders, "
                  << truncations << " truncations, " << changes << " changes of members");
  if (count < seeds_each) return;
  CHECK(acknowledged > 100 * count);
  CHECK(reads > 10 * count);
  CHECK(truncations > count / 10);
  if (spare > 0) CHECK(changes > 3 * count);
}

}  // namespace

TEST_CASE("faults: a seed is one run, however often it is run") {
  std::map<storage::log_index, bytes> committed;
  std::uint64_t messages = 0;
  for (int i = 0; i < 2; ++i) {
    storm bad(77, 3, 2);
    bad.blow(3s);
    if (i == 1) {
      CHECK(bad.world().messages == messages);
      CHECK(bad.world().committed == committed);
    }
    messages = bad.world().messages;
    committed = bad.world().committed;
  }
  CHECK(committed.size() > 100);
}

TEST_CASE("faults: three servers lose nothing and agree in the end") { weather(3, 0, 1); }
TEST_CASE("faults: five servers lose nothing and agree in the end") { weather(5, 0, 10'001); }
TEST_CASE("faults: members come and go, and nothing is lost") { weather(3, 2, 20'001); }

}  // namespace bv::replication
