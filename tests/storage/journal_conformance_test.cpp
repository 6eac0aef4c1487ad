// What a journal promises, whatever it is made of.
// covers: storage/history.cpp storage/memory_journal.cpp
#include <doctest/doctest.h>

#include <thread>

#include "storage/derived_store.hpp"
#include "storage/log_rules.hpp"
#include "tests/storage/batches.hpp"
#include "tests/storage/worlds.hpp"

namespace bv::storage {
namespace {

constexpr shard_id shard{1}, other{2};

/// A world with its store open and a listener on two shards.
template <class World>
struct desk {
  World world;
  recording_listener heard;
  desk() { open(); }
  void open() {
    const auto opened = world.open();
    INFO((opened ? std::string() : describe(opened.error())));
    REQUIRE(opened);
    world.now.log->listen(shard, heard);
    world.now.log->listen(other, heard);
  }
  void reopen() {
    REQUIRE(world.now.close());
    open();
  }
  journal& log() { return *world.now.log; }

  /// Appends simple batches `from` … `through`, one event each, and waits for them.
  void fill(std::uint64_t from, std::uint64_t through, shard_id into = shard) {
    for (auto i = from; i <= through; ++i) log().append(into, log_index{i}, simple_batch(i, i));
    REQUIRE(heard.wait_for(into, log_index{through}));
  }
};

}  // namespace

TEST_CASE_TEMPLATE("journal: a new log is empty and starts at index 1", World, BV_WORLDS) {
  desk<World> d;
  const auto bounds = d.log().bounds(shard);
  CHECK(bounds.first == log_index{1});
  CHECK(bounds.last == log_index{0});
  CHECK(bounds.last_offset == event_offset{0});
  CHECK(d.log().read(shard, log_index{1}, 1000)->empty());
  CHECK(*d.log().find(shard, event_offset{1}) == log_index{1});
}

TEST_CASE_TEMPLATE("journal: what was appended is read back, in order and by shard", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 10);
  d.fill(1, 3, other);
  const auto page = d.log().read(shard, log_index{4}, 1 << 20);
  REQUIRE(page);
  REQUIRE(page->size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK((*page)[i].index == log_index{4 + i});
    CHECK((*page)[i].data == simple_batch(4 + i, 4 + i));
  }
  CHECK(d.log().bounds(shard).last_offset == event_offset{10});
  CHECK(d.log().bounds(shard).last_term == term_number{1});
  CHECK(d.log().bounds(other).last == log_index{3});
}

TEST_CASE_TEMPLATE("journal: a page holds at least one batch and stops at its size", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 10);
  const auto size = simple_batch(1, 1).size();
  CHECK(d.log().read(shard, log_index{1}, 0)->size() == 1);
  CHECK(d.log().read(shard, log_index{1}, 3 * size)->size() == 3);
  CHECK(d.log().read(shard, log_index{11}, 1000)->empty());
}

TEST_CASE_TEMPLATE("journal: reopen continues at the next offset", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 5);
  d.reopen();
  CHECK(d.log().bounds(shard).last == log_index{5});
  CHECK(d.log().bounds(shard).last_offset == event_offset{5});
  d.fill(6, 8);
  CHECK(d.log().read(shard, log_index{1}, 1 << 20)->size() == 8);
}

TEST_CASE_TEMPLATE("journal: what was acknowledged survives a crash", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 20);
  d.fill(1, 2, other);
  d.world.crash();
  d.open();
  CHECK(d.log().bounds(shard).last == log_index{20});
  CHECK(d.log().bounds(other).last == log_index{2});
  CHECK(d.log().read(shard, log_index{1}, 1 << 20)->size() == 20);
}

TEST_CASE_TEMPLATE("journal: find names the batch of an offset", World, BV_WORLDS) {
  desk<World> d;
  // Batches of 0 to 4 events: an empty one is never the answer.
  std::uint64_t offset = 1;
  std::vector<std::uint64_t> batch_of{0};
  for (std::uint64_t i = 1; i <= 40; ++i) {
    const auto events = (i * 7) % 5;
    d.log().append(shard, log_index{i},
                   make_batch(log_index{i}, event_offset{offset},
                              {{"default/cart/a", 1, {}, std::vector<std::string>(events, "e"), {}, {}}}));
    for (std::uint64_t e = 0; e < events; ++e) batch_of.push_back(i);
    offset += events;
  }
  REQUIRE(d.heard.wait_for(shard, log_index{40}));
  CHECK(d.log().bounds(shard).last_offset.value == offset - 1);
  for (std::uint64_t at = 1; at < offset; ++at)
    CHECK(*d.log().find(shard, event_offset{at}) == log_index{batch_of[at]});
  CHECK(*d.log().find(shard, event_offset{offset}) == log_index{41});
  CHECK(*d.log().find(shard, event_offset{0}) == log_index{1});
}

TEST_CASE_TEMPLATE("journal: a cut suffix is gone for good and is written anew", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 10);
  REQUIRE(d.log().truncate_suffix(shard, log_index{7}));
  CHECK(d.log().bounds(shard).last == log_index{6});
  CHECK(d.log().bounds(shard).last_offset == event_offset{6});
  d.world.crash();
  d.open();
  CHECK(d.log().bounds(shard).last == log_index{6});
  d.log().append(shard, log_index{7}, simple_batch(7, 7, 99));
  REQUIRE(d.heard.wait_for(shard, log_index{7}));
  d.reopen();
  const auto page = d.log().read(shard, log_index{6}, 1 << 20);
  REQUIRE(page);
  REQUIRE(page->size() == 2);
  CHECK(page->back().data == simple_batch(7, 7, 99));
}

TEST_CASE_TEMPLATE("journal: a log can be cut to nothing", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 3);
  REQUIRE(d.log().truncate_suffix(shard, log_index{1}));
  CHECK(d.log().bounds(shard).last == log_index{0});
  CHECK(d.log().bounds(shard).last_offset == event_offset{0});
  d.fill(1, 2);
  d.reopen();
  CHECK(d.log().bounds(shard).last == log_index{2});
}

TEST_CASE_TEMPLATE("journal: a prefix is dropped in whole segments, never the last batch", World, BV_WORLDS) {
  desk<World> d;
  const auto count = 3 * segment_batches;
  d.fill(1, count);
  // Retention drops only what everything derived is past.
  d.world.now.derived->apply(shard, log_index{count}, {});
  REQUIRE(d.world.now.derived->flush());
  REQUIRE(d.log().drop_prefix(shard, log_index{segment_batches - 1}));
  CHECK(d.log().bounds(shard).first == log_index{1});
  REQUIRE(d.log().drop_prefix(shard, log_index{segment_batches + 5}));
  CHECK(d.log().bounds(shard).first == log_index{segment_batches + 1});
  CHECK(d.log().bounds(shard).first_offset == event_offset{segment_batches + 1});
  REQUIRE(d.log().drop_prefix(shard, log_index{count}));
  CHECK(d.log().bounds(shard).first == log_index{2 * segment_batches + 1});
  for (int round = 0; round < 2; ++round) {
    const auto read = d.log().read(shard, log_index{5}, 100);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "offset_dropped");
    CHECK(read.error().kind == error_kind::not_found);
    CHECK(read.error().message.find("batch " + std::to_string(2 * segment_batches + 1)) != std::string::npos);
    CHECK(d.log().find(shard, event_offset{5}).error().code == "offset_dropped");
    CHECK(d.log().read(shard, log_index{2 * segment_batches + 1}, 1 << 20)->size() == segment_batches);
    d.reopen();
    CHECK(d.log().bounds(shard).first == log_index{2 * segment_batches + 1});
    CHECK(d.log().bounds(shard).first_offset == event_offset{2 * segment_batches + 1});
  }
  CHECK(d.log().bounds(shard).last == log_index{count});
}

TEST_CASE_TEMPLATE("journal: a log that no longer reaches back to what was derived is refused", World,
                   BV_WORLDS) {
  desk<World> d;
  d.fill(1, 2 * segment_batches);
  REQUIRE(d.log().drop_prefix(shard, log_index{segment_batches}));
  d.world.crash();
  const auto opened = d.world.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "derived_lost");
  CHECK(opened.error().context == "shard 1");
}

TEST_CASE_TEMPLATE("journal: term and vote are kept through a crash", World, BV_WORLDS) {
  desk<World> d;
  CHECK(*d.log().read_hard_state(shard) == hard_state{});
  REQUIRE(d.log().write_hard_state(shard, {term_number{7}, 3}));
  d.world.crash();
  d.open();
  CHECK(*d.log().read_hard_state(shard) == hard_state{term_number{7}, 3});
  CHECK(*d.log().read_hard_state(other) == hard_state{});
}

TEST_CASE_TEMPLATE("journal: a cursor is seen at once and kept by the next commit", World, BV_WORLDS) {
  desk<World> d;
  d.log().write_cursor("mail", shard, event_offset{4});
  CHECK(*d.log().read_cursor("mail", shard) == event_offset{4});
  CHECK(*d.log().read_cursor("mail", other) == event_offset{0});
  CHECK(*d.log().read_cursor("mai", shard) == event_offset{0});
  d.fill(1, 1);
  d.world.crash();
  d.open();
  CHECK(*d.log().read_cursor("mail", shard) == event_offset{4});
  d.log().write_cursor("mail", shard, event_offset{9});
  d.reopen();
  CHECK(*d.log().read_cursor("mail", shard) == event_offset{9});
}

TEST_CASE_TEMPLATE("journal: an append after close fails and says so", World, BV_WORLDS) {
  desk<World> d;
  d.fill(1, 1);
  d.log().close();
  d.log().close();
  d.log().append(shard, log_index{2}, simple_batch(2, 2));
  const auto failed = d.heard.wait_for_failure();
  CHECK(failed.index == log_index{2});
  CHECK(failed.why.code == "journal_closed");
  CHECK(failed.why.kind == error_kind::unavailable);
  CHECK(d.log().write_hard_state(shard, {}).error().code == "journal_closed");
}

TEST_CASE_TEMPLATE("history: an entity's records are found by walking back", World, BV_WORLDS) {
  desk<World> d;
  // "hot" is in batches 1, 3 (three times) and 6; others lie between.
  const auto hot = *entity_key::make("default", "cart", "hot");
  const auto one = [](std::uint64_t v, std::uint64_t previous) {
    return test_record{"default/cart/hot", v, log_index{previous}, {"e"}, {}, {}};
  };
  const std::vector<std::vector<test_record>> batches{
      {one(1, 0)},          {{"default/cart/x"}},    {one(2, 1), {"default/cart/x"}, one(3, 3), one(4, 3)},
      {{"default/cart/y"}}, {{"default/cart/hot2"}}, {{"default/cart/hot2"}, one(5, 3)}};
  std::uint64_t offset = 1;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    d.log().append(shard, log_index{i + 1}, make_batch(log_index{i + 1}, event_offset{offset}, batches[i]));
    for (const auto& record : batches[i]) offset += record.events.size();
  }
  REQUIRE(d.heard.wait_for(shard, log_index{6}));
  const auto indexes = [&](std::uint64_t after) {
    std::vector<std::uint64_t> found;
    const auto history = read_history(d.log(), shard, hot, log_index{6}, log_index{after});
    REQUIRE(history);
    for (const auto& batch : history->batches) found.push_back(batch.index.value);
    return found;
  };
  CHECK(indexes(0) == std::vector<std::uint64_t>{1, 3, 6});
  CHECK(indexes(1) == std::vector<std::uint64_t>{3, 6});
  CHECK(indexes(3) == std::vector<std::uint64_t>{6});
  CHECK(indexes(6).empty());
  const auto wrong = read_history(d.log(), shard, hot, log_index{5}, log_index{0});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "journal_corrupt");
  CHECK(wrong.error().context == "shard 1, batch 5");
}

TEST_CASE_TEMPLATE("journal: what is put into places of the log is there at the next start, and the log ends where it was told to", World,
                   BV_WORLDS) {
  desk<World> d;
  d.fill(1, 10);
  // The journal's thread is still on its way back from telling us.
  while (!d.log().quiet(shard)) std::this_thread::yield();
  REQUIRE(d.log().mend(shard, {{log_index{3}, simple_batch(3, 3, 50)}, {log_index{8}, simple_batch(8, 8, 50)}}, log_index{8}));
  const auto check = [&] {
    const auto page = d.log().read(shard, log_index{1}, 1 << 20);
    REQUIRE(page);
    REQUIRE(page->size() == 8);
    for (std::uint64_t i = 1; i <= 8; ++i) CHECK((*page)[i - 1].data == simple_batch(i, i, i == 3 || i == 8 ? 50 : 20));
    CHECK(d.log().bounds(shard).last_offset == event_offset{8});
    CHECK(d.log().bounds(shard).sound);
  };
  check();
  d.reopen();
  check();
  d.fill(9, 11);
  const auto seen = d.log().survey(shard, log_index{1}, 1 << 20);
  REQUIRE(seen);
  CHECK(seen->rotten.empty());
  CHECK(seen->at_end);
  CHECK(seen->next == log_index{12});
  const auto part = d.log().survey(shard, log_index{4}, 1);
  CHECK(part->next == log_index{5});
  CHECK_FALSE(part->at_end);
}

}  // namespace bv::storage
