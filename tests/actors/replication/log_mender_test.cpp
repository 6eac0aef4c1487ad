// Which batches a mender takes, from whom, and what it never does: cut off what may have been promised.
#include "actors/replication/log_mender.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <optional>

#include "storage/batch.hpp"
#include "storage/memory_store.hpp"

namespace bv::replication {
namespace {

using storage::log_index;

constexpr storage::shard_id shard{};

bytes batch_of(std::uint64_t index, std::uint64_t term, std::string_view what) {
  storage::batch_builder builder(log_index{index}, storage::event_offset{index});
  builder.add({.entity = "default/cart/a", .version = index}, std::vector<storage::event_view>{{1, what}});
  return std::move(builder).finish(storage::term_number{term}, timestamp{});
}

/// A server whose log has rotted, and whose others answer what a test says.
struct patient final : group_host, transport, storage::journal_listener {
  /// A log of `last` batches of term 1, up to `committed` of which is known to be committed.
  explicit patient(std::uint64_t last, std::uint64_t committed) {
    store = *storage::open_memory_store(disk, {.catches_up = false});
    store.log->listen(shard, *this);
    for (std::uint64_t i = 1; i <= last; ++i) store.log->append(shard, log_index{i}, batch_of(i, 1, "mine"));
    disk.commit();
    REQUIRE(store.log->write_hard_state(shard, {storage::term_number{1}, 7}));
    begin(committed);
  }
  void begin(std::uint64_t committed) {
    mender.emplace(shard, server_id{1}, log_index{committed},
                   log_mender::environment{.log = *store.log, .peers = *this, .host = *this,
                                           .others = [] { return std::vector{server_id{2}, server_id{3}}; },
                                           .tell = [this](const std::string& line) { told.push_back(line); },
                                           .done = [this](result<std::uint64_t> said) { outcome = std::move(said); }});
  }
  void rot(std::uint64_t index) {
    REQUIRE(disk.tamper(shard, log_index{index}, [](bytes& data) { data.back() ^= 1; }));
  }
  void run() {
    mender->tick();
    for (; !work.empty(); work.pop_front()) work.front()();
  }
  /// The newest question.
  mend_request asked() {
    REQUIRE_FALSE(sent.empty());
    return std::get<mend_request>(sent.back().body);
  }
  /// As a server says that has batches `from` … `through`, all of them committed.
  mend_answer answer(std::uint64_t from, std::uint64_t through, std::uint64_t committed, std::string_view what = "mine") {
    mend_answer said{.from = from, .committed = committed, .last = committed, .term = 1};
    for (auto i = from; i <= through; ++i) said.entries.push_back(batch_of(i, 1, what));
    return said;
  }
  bytes at(std::uint64_t index) {
    const auto page = store.log->read(shard, log_index{index}, 1);
    return page && !page->empty() ? page->front().data : bytes();
  }
  log_index last() { return store.log->bounds(shard).last; }

  void post(std::function<void()> action) override { work.push_back(std::move(action)); }
  void in_background(std::function<void()> action) override { work.push_back(std::move(action)); }
  std::uint64_t now_ms() override { return time_ms; }
  std::uint64_t random_below(std::uint64_t) override { return lot; }
  void send(message what) override { sent.push_back(std::move(what)); }
  void on_durable(storage::shard_id, log_index) override {}
  void on_failed(storage::shard_id, log_index, const error&) override {}
  void on_rot(storage::shard_id, log_index index, const error&) override { rotten.push_back(index.value); }

  storage::memory_disk disk{1, storage::completion::by_hand};
  storage::store store;
  std::deque<std::function<void()>> work;
  std::vector<message> sent;
  std::vector<std::string> told;
  std::vector<std::uint64_t> rotten;
  std::uint64_t time_ms = 0, lot = 0;
  std::optional<result<std::uint64_t>> outcome;
  std::optional<log_mender> mender;
};

}  // namespace

TEST_CASE("mender: holes in what is committed are filled with the very batches, and nothing else changes") {
  patient one(10, 8);
  for (const std::uint64_t index : {3, 4, 7}) one.rot(index);
  const auto hard = *one.store.log->read_hard_state(shard);
  CHECK(one.at(4).empty());
  CHECK(one.rotten == std::vector<std::uint64_t>{4});
  one.run();
  CHECK(one.asked() == mend_request{3, 4});
  one.mender->receive(one.answer(3, 4, 9));
  CHECK(one.asked() == mend_request{7, 7});
  one.mender->receive(one.answer(7, 7, 9));
  REQUIRE(one.outcome);
  CHECK(**one.outcome == 3);
  for (std::uint64_t i = 1; i <= 10; ++i) CHECK(one.at(i) == batch_of(i, 1, "mine"));
  CHECK(*one.store.log->read_hard_state(shard) == hard);
}

TEST_CASE("mender: it asks one server after the other, and says that it waits") {
  patient one(5, 5);
  one.rot(2);
  one.run();
  CHECK(one.sent.back().receiver == 2);
  one.time_ms += 499;
  one.run();
  CHECK(one.sent.size() == 1);
  one.time_ms += 1;
  one.run();
  CHECK(one.sent.back().receiver == 3);
  one.time_ms += 60'000;
  one.run();
  CHECK(one.told.back().find("waits") != std::string::npos);
  CHECK(one.last() == log_index{5});
  CHECK_FALSE(one.outcome);
}

TEST_CASE("mender: what is not committed there, is damaged, or is not what was asked for is not taken") {
  patient one(10, 8);
  one.rot(5);
  one.run();
  one.mender->receive(one.answer(5, 5, 4));
  one.mender->receive(one.answer(6, 6, 9));
  auto damaged = one.answer(5, 5, 9);
  damaged.entries.front().back() ^= 1;
  one.mender->receive(damaged);
  auto another = one.answer(5, 5, 9);
  another.entries.front() = batch_of(6, 1, "mine");
  one.mender->receive(another);
  one.mender->receive({.from = 5, .committed = 9, .last = 9, .term = 1, .leads = true});
  CHECK_FALSE(one.outcome);
  CHECK(one.at(5).empty());
  one.mender->receive(one.answer(5, 5, 9));
  CHECK(one.outcome);
}

TEST_CASE("mender: a tail is replaced as a whole, once all that it may have promised of it is committed or never will be") {
  patient one(10, 6);
  one.rot(9);
  one.run();
  CHECK(one.asked() == mend_request{7, 10});
  // Committed meanwhile: another branch.
  one.mender->receive(one.answer(7, 8, 8, "theirs"));
  CHECK(one.asked() == mend_request{9, 10});
  CHECK(one.at(7) == batch_of(7, 1, "mine"));
  one.mender->receive(one.answer(9, 9, 9, "theirs"));
  CHECK_FALSE(one.outcome);
  CHECK(one.last() == log_index{10});
  one.mender->receive(one.answer(10, 10, 12, "theirs"));
  REQUIRE(one.outcome);
  for (std::uint64_t i = 7; i <= 10; ++i) CHECK(one.at(i) == batch_of(i, 1, "theirs"));
  CHECK(one.last() == log_index{10});
}

TEST_CASE("mender: a tail ends where a leader's log does that is all committed, and no leader's of an earlier term") {
  patient one(10, 6);
  one.rot(10);
  REQUIRE(one.store.log->write_hard_state(shard, {storage::term_number{5}, 1}));
  one.run();
  auto part = one.answer(7, 7, 8);  // of what the leader has: the rest is to come
  part.leads = true;
  part.term = 5;
  one.mender->receive(part);
  CHECK_FALSE(one.outcome);
  one.mender->receive(one.answer(8, 8, 8));
  auto leader = one.answer(9, 8, 8);
  leader.leads = true;
  leader.term = 4;
  one.mender->receive(leader);
  CHECK_FALSE(one.outcome);
  leader.term = 5;
  leader.last = 9;  // it may be counting this server's word for it
  one.mender->receive(leader);
  CHECK_FALSE(one.outcome);
  leader.leads = false;
  leader.last = 8;
  one.mender->receive(leader);
  CHECK_FALSE(one.outcome);
  leader.leads = true;
  one.mender->receive(leader);
  REQUIRE(one.outcome);
  CHECK(one.outcome->has_value());
  CHECK(one.last() == log_index{8});
  CHECK(one.store.log->bounds(shard).last_offset == storage::event_offset{8});
}

TEST_CASE("mender: what was said before the log began to be mended is not listened to") {
  patient one(10, 6);
  one.rot(10);
  one.lot = 5;
  one.begin(6);
  one.run();
  CHECK(one.asked() == mend_request{7, 10, 5});
  // True when it was said: this server has promised more since.
  auto late = one.answer(7, 7, 7);
  late.leads = true;
  late.session = 4;
  one.mender->receive(late);
  CHECK_FALSE(one.outcome);
  late.session = 5;
  one.mender->receive(late);
  CHECK(one.last() == log_index{7});
}

TEST_CASE("mender: it does nothing while something is in flight, and nothing to a log that is sound") {
  patient one(4, 4);
  one.store.log->append(shard, log_index{5}, batch_of(5, 1, "mine"));
  one.run();
  CHECK_FALSE(one.outcome);
  one.disk.commit();
  one.run();
  REQUIRE(one.outcome);
  CHECK(**one.outcome == 0);
  CHECK(one.sent.empty());
}

TEST_CASE("mender: who is asked gives what is committed and sound here, and no more than that") {
  patient one(6, 6);
  auto said = answer_mend(*one.store.log, shard, {2, 9, 3}, {.committed = 5, .last = 6, .term = 1});
  CHECK(said.from == 2);
  CHECK(said.session == 3);
  CHECK(said.entries.size() == 4);
  CHECK(said.entries.front() == batch_of(2, 1, "mine"));
  CHECK(answer_mend(*one.store.log, shard, {6, 6}, {.committed = 5}).entries.empty());
  CHECK(answer_mend(*one.store.log, shard, {0, 3}, {.committed = 5}).entries.empty());
  one.rot(4);
  CHECK(answer_mend(*one.store.log, shard, {2, 9}, {.committed = 5}).entries.size() == 1);
  CHECK(answer_mend(*one.store.log, shard, {4, 4}, {.committed = 5}).entries.empty());
}

}  // namespace bv::replication
