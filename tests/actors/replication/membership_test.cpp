// Who belongs to a group, how that changes, and how the leadership moves.
#include "actors/replication/raft_group.hpp"

#include <doctest/doctest.h>

#include "storage/batch.hpp"
#include "tests/actors/replication/cluster.hpp"

namespace bv::replication {
namespace {

using namespace std::chrono_literals;

using storage::log_index;

/// Puts what a server of another cluster has on its disk on this one's, as a restore does.
void restore(const replica& from, replica& to) {
  struct deaf final : storage::journal_listener {
    void on_durable(storage::shard_id, log_index) override {}
    void on_failed(storage::shard_id, log_index, const error&) override {}
  } nobody;
  auto& log = *to.store.log;
  log.listen(storage::shard_id{}, nobody);
  for (log_index at{1}; at <= from.durable_last(); at = at.next()) log.append(storage::shard_id{}, at, from.durable_at(at));
  for (const auto* const name : {"replication/configuration", "replication/committed"})
    log.write_cursor(name, storage::shard_id{}, *from.store.log->read_cursor(name, storage::shard_id{}));
  to.disk.commit();
}

configuration voters(std::initializer_list<std::uint64_t> ids) {
  configuration made;
  for (const auto id : ids) made.servers.push_back({id, server_role::voter});
  return made;
}

}  // namespace

TEST_CASE("group: a restored log begins a group anew, and the others fill their empty logs from it, whoever crashes meanwhile") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    cluster old({.seed = seed, .group = quick_group()});
    old.found(3);
    REQUIRE(old.await_leader());
    write(old, 60);
    REQUIRE(old.await_agreement());

    // The first three are those of before, who come back no more.
    cluster world({.seed = seed, .group = quick_group()});
    for (int i = 0; i < 6; ++i) world.add_server();
    auto& elder = world.at(4);
    restore(old.at(1), elder);
    const auto kept = elder.durable_last();
    world.given = kept.next();  // all of it counts as committed, and the configuration behind it
    const auto founders = voters({4, 5, 6});
    const auto start_one = [&](replica& one) { one.id == elder.id ? one.start_with_history(founders) : one.start(); };
    for (const std::uint64_t id : {4, 5, 6}) start_one(world.at(id));
    for (int round = 0; round < 8; ++round) {
      auto& struck = world.at(4 + world.lots.below(3));
      world.run_for(duration{static_cast<std::int64_t>(world.lots.below(120'000'000))});
      struck.crash();
      world.run_for(duration{static_cast<std::int64_t>(world.lots.below(60'000'000))});
      start_one(struck);
    }
    REQUIRE(world.await_leader());
    write(world, 10);
    CHECK(world.await_agreement());
    CHECK(voters_of(world.leader()->members) == 3);
    CHECK(world.acknowledged > 0);
    elder.crash();
    REQUIRE(world.await_leader());
    auto& next = *world.leader();
    for (log_index at{1}; at <= kept; at = at.next()) CHECK(next.durable_at(at) == old.at(1).durable_at(at));
    const auto before = world.acknowledged;
    write(world, 10);
    world.run_for(1s);
    CHECK(world.acknowledged > before);
    sound(world);
  }
}

TEST_CASE("group: who brings a log and does not vote begins nothing") {
  cluster world({.seed = 3, .group = quick_group()});
  auto& one = world.add_server();
  raft_group group(storage::shard_id{}, one.id, {*one.store.log, one, one, one}, quick_group());
  CHECK(group.start_with_history(voters({2, 3})).error().code == "founder_has_no_vote");
}

TEST_CASE("group: the leadership is handed over without a pause for an election") {
  cluster world({.seed = 17, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  write(world, 10);
  auto& to = follower_of(world);
  CHECK(change(world, [&](raft_group& at, change_handler done) { at.transfer(to.id, std::move(done)); }));
  CHECK(world.run_until([&] { return to.leads(); }, 100ms));
  to.crash();
  REQUIRE(world.await_leader());
  auto& next = *world.leader();
  const auto gone = change(world, [&](raft_group& at, change_handler done) { at.transfer(to.id, std::move(done)); });
  CHECK(gone.error().code == "transfer_timeout");
  CHECK(next.propose());
  sound(world);
}

TEST_CASE("group: a lone node's log becomes a group's, and grows to three under load") {
  cluster world({.seed = 19, .group = quick_group()});
  auto& first = world.add_server();
  struct deaf final : storage::journal_listener {
    void on_durable(storage::shard_id, log_index) override {}
    void on_failed(storage::shard_id, log_index, const error&) override {}
  } nobody;
  first.store.log->listen(storage::shard_id{}, nobody);
  // What a node wrote while it was alone.
  for (std::uint64_t i = 1; i <= 30; ++i) {
    storage::batch_builder builder(storage::log_index{i}, storage::event_offset{i});
    builder.add({.entity = "default/cart/a", .version = i}, std::vector<storage::event_view>{{1, "event"}});
    first.store.log->append(storage::shard_id{}, storage::log_index{i},
                            std::move(builder).finish(storage::term_number{1}, timestamp{}));
    first.disk.commit();
  }
  first.start(configuration{{{1, server_role::voter}}});
  REQUIRE(world.await_leader());
  for (const std::uint64_t id : {2, 3}) {
    world.add_server().start();
    write(world, 20);
    CHECK(change(world, [&](raft_group& at, change_handler done) { at.add_learner(server_id{id}, std::move(done)); }));
    write(world, 20);
    CHECK(change(world, [&](raft_group& at, change_handler done) { at.promote(server_id{id}, std::move(done)); }));
  }
  write(world, 20);
  CHECK(world.await_agreement());
  CHECK(voters_of(world.at(3).members) == 3);
  CHECK(world.at(3).durable_at(storage::log_index{7}) == first.durable_at(storage::log_index{7}));
  CHECK(first.control_entries >= 6);
  first.crash();
  CHECK(world.await_leader());
  const auto gone = change(world, [](raft_group& at, change_handler done) { at.remove(server_id{1}, std::move(done)); });
  CHECK(gone);
  CHECK(change(world, [&](raft_group& at, change_handler done) {
          at.remove(world.leader()->id, std::move(done));
        }).error().code == "leader_itself");
  write(world, 20);
  CHECK(world.await_agreement());
  sound(world);
}

TEST_CASE("group: a batch that is open when the group takes an index goes before it") {
  cluster world({.seed = 47, .group = quick_group()});
  world.found(3);
  REQUIRE(world.await_leader());
  auto& leader = *world.leader();
  world.add_server().start();
  const auto open = leader.group->next_index();
  leader.before_control = [&] {
    leader.before_control = {};
    CHECK(leader.group->next_index() == open);
    CHECK(leader.propose());
  };
  CHECK(change(world, [](raft_group& at, change_handler done) { at.add_learner(server_id{4}, std::move(done)); }));
  CHECK(world.await_agreement());
  const auto kind_at = [&](log_index index) { return open_entry(std::make_shared<const bytes>(leader.durable_at(index)))->kind; };
  CHECK(kind_at(open) == entry_kind::batch);
  CHECK(kind_at(open.next()) == entry_kind::configuration);
  CHECK(world.acknowledged == 1);
  sound(world);
}

TEST_CASE("group: a lone voter that restarts leads a new term, so its learner tells its lost entries from the new ones") {
  cluster world({.seed = 23, .group = quick_group()});
  world.found(1);
  REQUIRE(world.await_leader());
  world.add_server().start();
  REQUIRE(change(world, [](raft_group& at, change_handler done) { at.add_learner(server_id{2}, std::move(done)); }));
  REQUIRE(world.await_agreement());
  auto& lone = world.at(1);
  for (int round = 0; round < 5; ++round) {
    const auto term = lone.group->term();
    lone.disk_stuck = true;
    for (int i = 0; i < 5; ++i) (void)lone.propose();
    world.run_for(100ms);
    lone.crash();
    lone.disk_stuck = false;
    lone.start();
    REQUIRE(world.await_leader());
    CHECK(lone.group->term() > term);
    write(world, 5);
    CHECK(world.await_agreement());
  }
  CHECK(world.at(2).truncations > 0);
  sound(world);
}

TEST_CASE("group: a change that was never committed is undone, also by a server that restarted meanwhile") {
  for (const bool restarts : {false, true}) {
    cluster world({.seed = 29, .group = quick_group()});
    world.found(3);
    REQUIRE(world.await_leader());
    write(world, 100);  // the founders' entry is no longer in memory
    REQUIRE(world.await_agreement());
    auto& old = *world.leader();
    world.isolate(old.id);
    old.group->add_learner(server_id{9}, [](const result<void>& outcome) { CHECK_FALSE(outcome); });
    world.run_for(50ms);
    CHECK(member(old.members, server_id{9}));
    if (restarts) {
      old.crash();
      old.start();
    }
    REQUIRE(world.run_until([&] { return world.leader() && world.leader() != &old; }, 3s));
    write(world, 10);
    world.net.heal();
    CHECK(world.await_agreement());
    CHECK_FALSE(member(old.group->status().members, server_id{9}));
    CHECK_FALSE(old.failed);
    sound(world);
  }
}

TEST_CASE("group: a group is founded once, and of a log with entries by its own server") {
  cluster world({.seed = 37, .group = quick_group()});
  world.found(1);
  REQUIRE(world.await_leader());
  world.at(1).crash();
  raft_group again(storage::shard_id{}, server_id{1},
                   {*world.at(1).store.log, world.at(1), world.at(1), world.at(1)}, quick_group());
  CHECK(again.start(configuration{{{1, server_role::voter}}}).error().code == "not_bare");
}

}  // namespace bv::replication
