// covers: actors/replication/types.cpp actors/replication/entry_cache.cpp actors/replication/log_writer.cpp
// covers: actors/replication/read_rounds.cpp actors/replication/log_start.cpp actors/replication/log_feed.cpp
#include <doctest/doctest.h>

#include "actors/replication/log_feed.hpp"
#include "actors/replication/log_start.hpp"
#include "actors/replication/log_writer.hpp"
#include "actors/replication/entry_cache.hpp"
#include "actors/replication/read_rounds.hpp"
#include "storage/log_rules.hpp"
#include "storage/memory_store.hpp"
#include "tests/storage/batches.hpp"

namespace bv::replication {
namespace {

using storage::event_offset;
using storage::log_index;
using storage::term_number;

constexpr storage::shard_id only_shard{};
const configuration two{{{1, server_role::voter}, {2, server_role::learner}}};

entry barrier(std::uint64_t index, std::uint64_t term = 1) {
  return seal_entry(log_index{index}, event_offset{1}, term_number{term}, entry_kind::barrier);
}

entry batch(std::uint64_t index) {
  return *open_entry(std::make_shared<const bytes>(storage::simple_batch(index, index)));
}

/// A journal that writes when told.
struct slow_log {
  slow_log() { opened.log->listen(only_shard, heard); }
  ~slow_log() { disk.crash(); }
  storage::memory_disk disk{1, storage::completion::by_hand};
  storage::store opened = *storage::open_memory_store(disk);
  storage::recording_listener heard;
};

}  // namespace

TEST_CASE("entry: what is sealed is what is opened") {
  const auto sealed = seal_entry(log_index{4}, event_offset{9}, term_number{3}, entry_kind::configuration, two);
  const auto opened = open_entry(sealed.data);
  REQUIRE(opened);
  CHECK(opened->index == log_index{4});
  CHECK(opened->term == term_number{3});
  CHECK(opened->next_offset == event_offset{9});
  CHECK(opened->kind == entry_kind::configuration);
  CHECK(*configuration_in(*opened) == two);
  CHECK(votes(two, server_id{1}));
  CHECK_FALSE(votes(two, server_id{2}));
  CHECK_FALSE(member(two, server_id{3}));
  CHECK(voters_of(two) == 1);
  const auto strange = std::make_shared<const bytes>(storage::seal_control_batch(log_index{1}, {}, {}, {77, ""}));
  CHECK(open_entry(strange).error().code == "entry_kind_unknown");
  CHECK_FALSE(open_entry(std::make_shared<const bytes>("no batch")));
}

TEST_CASE("cache: it knows its newest entries and their weight") {
  entry_cache cache;
  for (std::uint64_t i = 5; i <= 9; ++i) cache.add(barrier(i));
  const auto each = barrier(5).data->size();
  CHECK(cache.size_bytes() == 5 * each);
  CHECK(cache.newest_within(3 * each) == 3);
  CHECK(cache.newest_within(100 * each) == 5);
  cache.truncate(log_index{8});
  cache.forget_before(log_index{6});
  CHECK_FALSE(cache.find(log_index{5}));
  CHECK(cache.find(log_index{6})->index == log_index{6});
  CHECK_FALSE(cache.find(log_index{8}));
  CHECK(cache.size_bytes() == 2 * each);
}

TEST_CASE("writer: a truncation waits for what is in flight and holds up what follows") {
  slow_log log;
  log_writer writer(*log.opened.log, only_shard);
  REQUIRE(writer.append({barrier(1), barrier(2)}, 1));
  REQUIRE(writer.append({barrier(3)}, 2));
  CHECK_FALSE(writer.truncating());
  REQUIRE(writer.truncate(log_index{2}));
  REQUIRE(writer.append({barrier(2, 7)}, 3));
  CHECK(writer.truncating());
  log.disk.commit(1);
  CHECK(*writer.durable(log_index{1}) == 0);
  log.disk.commit();
  CHECK(*writer.durable(log_index{3}) == 2);
  CHECK_FALSE(writer.truncating());
  CHECK(log.opened.log->bounds(only_shard).last == log_index{1});
  log.disk.commit();
  CHECK(*writer.durable(log_index{2}) == 3);
  CHECK(log.opened.log->bounds(only_shard).last_term == term_number{7});
}

TEST_CASE("reads: one round serves all that came before it, once a majority of voters agrees") {
  const configuration three{{{1, server_role::voter}, {2, server_role::voter}, {3, server_role::voter}, {4, server_role::learner}}};
  read_rounds rounds;
  int done = 0;
  const auto count = [&](const result<log_index>&) { ++done; };
  rounds.ask(count);
  rounds.ask(count);
  CHECK(rounds.due());
  rounds.begin(log_index{8});
  rounds.ask(count);
  CHECK_FALSE(rounds.due());
  rounds.on_answer(server_id{4}, rounds.round());
  rounds.on_answer(server_id{2}, rounds.round() - 1);
  CHECK(rounds.take_confirmed(three, server_id{1}).empty());
  rounds.on_answer(server_id{2}, rounds.round());
  CHECK(rounds.take_confirmed(three, server_id{1}).size() == 2);
  CHECK(rounds.index() == log_index{8});
  CHECK(rounds.due());
  CHECK(rounds.take_all().size() == 1);
}

TEST_CASE("start: only what may not be committed is read") {
  slow_log log;
  CHECK(read_log_start(*log.opened.log, only_shard)->bare);
  const auto founding = seal_entry(log_index{1}, event_offset{1}, term_number{1}, entry_kind::configuration, two);
  log.opened.log->append(only_shard, log_index{1}, founding.data);
  for (std::uint64_t i = 2; i <= 9; ++i) log.opened.log->append(only_shard, log_index{i}, storage::simple_batch(i, i - 1));
  log.disk.commit();
  auto start = *read_log_start(*log.opened.log, only_shard);
  CHECK(start.point.committed == log_index{1});
  CHECK(start.tail.size() == 8);
  CHECK(start.point.hard.term == term_number{1});
  note_committed(*log.opened.log, only_shard, log_index{1}, log_index{7});
  start = *read_log_start(*log.opened.log, only_shard);
  CHECK(start.point.committed == log_index{7});
  CHECK(start.tail.size() == 2);
  CHECK(start.next_offset == event_offset{9});
  CHECK(start.point.configurations.at(log_index{1}) == two);
  CHECK_FALSE(start.bare);
  // A cursor that outlived what it was written for.
  note_committed(*log.opened.log, only_shard, log_index{12}, log_index{12});
  start = *read_log_start(*log.opened.log, only_shard);
  CHECK(start.point.committed == log_index{9});
  CHECK(start.point.configurations.at(log_index{1}) == two);
}

TEST_CASE("start: a log that lost the entry that names its servers is refused") {
  slow_log log;
  for (std::uint64_t i = 1; i <= 600; ++i) log.opened.log->append(only_shard, log_index{i}, storage::simple_batch(i, i));
  log.disk.commit();
  note_committed(*log.opened.log, only_shard, log_index{3}, log_index{590});
  REQUIRE(log.opened.log->drop_prefix(only_shard, log_index{580}));
  CHECK(read_log_start(*log.opened.log, only_shard).error().code == "configuration_dropped");
}

TEST_CASE("feed: a window of chunks is under way, and what is refused is sent from further back") {
  slow_log log;
  for (std::uint64_t i = 1; i <= 60; ++i) log.opened.log->append(only_shard, log_index{i}, *batch(i).data);
  log.disk.commit();
  std::vector<append_request> sent;
  std::optional<error> failed;
  const auto size = batch(20).data->size();
  log_feed feed(log_index{50}, {.chunk_bytes = 4 * size, .window_bytes = 10 * size, .resend_after_ms = 100},
                {.read = [&](log_index from, std::size_t most, auto then) { then(log.opened.log->read(only_shard, from, most)); },
                 .send = [&](append_request one) { sent.push_back(std::move(one)); },
                 .failed = [&](const error& why) { failed = why; }});
  const auto pump = [&](std::uint64_t now) {
    for (int i = 0; i < 10; ++i) feed.go_on(log_index{60}, now);
  };
  pump(0);
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].previous_index == 49);
  CHECK(sent[0].previous_term == 1);
  CHECK(sent[1].previous_index == 49 + sent[0].entries.size());
  // Not of the feed.
  feed.on_answer({1, 60, 20}, 1);
  pump(1);
  CHECK(sent.size() == 3);
  feed.on_answer({1, 49, 20}, 1);
  pump(1);
  CHECK(sent.at(3).previous_index == 19);
  feed.on_answer({1, 0, 20 + sent[3].entries.size() - 1}, 2);
  CHECK(feed.match().value == 19 + sent[3].entries.size());
  const auto before = sent.size();
  pump(50);
  const auto more = sent.size();
  CHECK(more > before);
  pump(200);
  CHECK(sent.at(more).previous_index == feed.match().value);
  REQUIRE(log.opened.log->drop_prefix(only_shard, log_index{59}));
  CHECK_FALSE(failed);
}

}  // namespace bv::replication
