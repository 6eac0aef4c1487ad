// covers: storage/backup/moments.cpp
#include "storage/backup/restore.hpp"

#include "storage/rocks/folder_lock.hpp"
#include "storage/rocks/log_db.hpp"
#include "tests/storage/backup/backups.hpp"

namespace bv::storage {
namespace {

restore_plan must_restore(const backed_up& from, const restored& to, const restore_options& how = {}) {
  auto done = restore(from.target, to.folder, how);
  INFO((done ? std::string() : describe(done.error())));
  REQUIRE(done);
  return *std::move(done);
}

}  // namespace

TEST_CASE("restore: the log is the same, what is derived is computed again, and the node goes on from there") {
  backed_up n;
  n.write_some(60);
  n.must_back_up();
  restored r;
  const auto plan = must_restore(n, r);
  CHECK(plan.events_left_out() == 0);
  CHECK(plan.events() == n.next_offset[1] - 1 + n.next_offset[2] - 1);
  CHECK_FALSE(std::filesystem::exists(r.folder + ".restoring"));
  r.open();
  for (const auto shard : {node::shard, node::other}) check_same(n.whole(shard), r.whole(shard), 30);
  CHECK(r.has(30));
  recording_listener heard;
  r.now.log->listen(node::shard, heard);
  r.now.log->append(node::shard, log_index{31}, timed_batch(31, n.next_offset[1], 1, 99));
  CHECK(heard.wait_for(node::shard, log_index{31}));
  CHECK(verify_backup(n.target, {}));
}

TEST_CASE("restore: through an offset brings back no event after it, and no half of a batch") {
  backed_up n;
  for (int i = 0; i < 10; ++i) n.write(node::shard, 2);  // batch i has the offsets 2i-1 and 2i
  n.write_some(10);
  n.must_back_up();
  for (const auto& [offset, last] : std::map<std::uint64_t, std::uint64_t>{{0, 0}, {1, 0}, {2, 1}, {7, 3}, {8, 4}, {20, 10}}) {
    restored r;
    restore_options how;
    how.through = {event_offset{0}, event_offset{offset}, event_offset{0}, event_offset{0}};
    const auto plan = must_restore(n, r, how);
    // A batch without events has none after the offset, wherever it lies.
    const bool with_empty = offset == 20;
    CHECK(plan.shards[1].last_offset == event_offset{last * 2});
    r.open();
    check_same(n.whole(node::shard), r.whole(node::shard), with_empty ? plan.shards[1].last.value : last);
    CHECK(r.now.log->bounds(node::other).last_offset == event_offset{0});
    if (last > 0) CHECK(r.has(last));
    CHECK_FALSE(r.has(plan.shards[1].last.value + 1));
    CHECK(plan.events() == last * 2);
    CHECK(plan.events_left_out() == n.next_offset[1] - 1 + n.next_offset[2] - 1 - last * 2);
  }
}

TEST_CASE("restore: until a moment brings back each shard up to its first batch that is later") {
  backed_up n;
  n.write_some(20);  // shard has the odd moments, other the even ones
  n.must_back_up();
  restore_options how;
  how.until = timestamp{9};
  restored r;
  must_restore(n, r, how);
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), 5);
  check_same(n.whole(node::other), r.whole(node::other), 4);
  how.until = timestamp{0};
  restored nothing;
  CHECK(must_restore(n, nothing, how).events() == 0);
  nothing.open();
  CHECK(nothing.whole(node::shard).empty());
}

TEST_CASE("restore: until a moment keeps the control batches before it, which have no time of their own") {
  backed_up n;
  n.write(node::shard, 1);
  n.now.log->append(node::shard, log_index{2}, seal_control_batch(log_index{2}, event_offset{2}, term_number{1}, {3, "x"}));
  REQUIRE(n.heard.wait_for(node::shard, log_index{2}));
  n.now_ns = 100;
  n.next_index[1] = 3;
  n.write(node::shard, 1);
  n.must_back_up();
  restore_options how;
  how.until = timestamp{50};
  restored r;
  CHECK(must_restore(n, r, how).shards[1].last == log_index{2});
}

TEST_CASE("restore: what the backup does not have is refused") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  restored r;
  restore_options how;
  how.through = {event_offset{0}, event_offset{1'000}, event_offset{0}, event_offset{0}};
  const auto beyond = restore(n.target, r.folder, how);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code == "beyond_backup");
  CHECK(beyond.error().context == "shard 1");
  how.through = {event_offset{0}};
  CHECK(restore(n.target, r.folder, how).error().code == "shards_changed");
  CHECK_FALSE(std::filesystem::exists(r.folder));
}

TEST_CASE("restore: nothing comes back that was written when something left out was, or later") {
  backed_up n;
  n.write_some(20);  // shard has the odd moments, other the even ones
  n.must_back_up();
  restore_options how;
  // Of shard 1 all but what follows its fifth batch, which was written at 9; all of shard 2.
  const auto fifth = batch_reader::open(n.whole(node::shard)[4].data)->next_offset().value - 1;
  how.through = {event_offset{0}, event_offset{fifth}, n.now.log->bounds(node::other).last_offset, event_offset{0}};
  restored r;
  const auto plan = must_restore(n, r, how);
  const auto first_out = batch_reader::open(n.whole(node::shard)[plan.shards[1].last.value].data)->written_at();
  CHECK(plan.shards[1].last >= log_index{5});
  CHECK(plan.shards[1].last < log_index{10});
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), plan.shards[1].last.value);
  const auto others = r.whole(node::other);
  REQUIRE(others.size() == plan.shards[2].last.value);
  CHECK(batch_reader::open(others.back().data)->written_at() < first_out);
  CHECK(batch_reader::open(n.whole(node::other)[others.size()].data)->written_at() > first_out);
}

TEST_CASE("restore: terms are kept, votes are not; what subscriptions caused may be gone, so they are set back") {
  backed_up n;
  n.step_ns = 60'000'000'000;
  n.write_some(40);
  REQUIRE(n.now.log->write_hard_state(node::shard, {term_number{9}, 77}));
  REQUIRE(n.now.log->write_hard_state(node::other, {term_number{0}, 5}));
  for (const auto& [name, offset] : std::map<std::string, std::uint64_t>{
           {"mails", 12}, {"early", 3}, {"slow", 1}, {"replication/committed", 20}, {"replication/configuration", 4}}) {
    n.now.log->write_cursor(name, node::shard, event_offset{offset});
  }
  n.write(node::shard, 1);  // cursors are written with a commit
  n.must_back_up();
  restored r;
  restore_options how;
  how.through = {event_offset{0}, event_offset{6}, n.now.log->bounds(node::other).last_offset, event_offset{0}};
  const auto plan = must_restore(n, r, how);
  // The eighth batch was written in minute 15 and is the first that is left out; before minute 5 there are two batches.
  REQUIRE(plan.shards[1].last == log_index{7});
  r.open();
  auto& log = *r.now.log;
  CHECK(*log.read_hard_state(node::shard) == hard_state{term_number{9}, 0});
  CHECK(*log.read_hard_state(node::other) == hard_state{plan.shards[2].last_term, 0});
  CHECK(*log.read_hard_state(shard_id{0}) == hard_state{});
  CHECK(*log.read_cursor("mails", node::shard) == event_offset{2});
  CHECK(*log.read_cursor("early", node::shard) == event_offset{2});
  CHECK(*log.read_cursor("slow", node::shard) == event_offset{1});
  CHECK(*log.read_cursor("replication/committed", node::shard) == event_offset{0});
  CHECK(*log.read_cursor("replication/configuration", node::shard) == event_offset{4});
}

TEST_CASE("restore: subscriptions stay where they were if all comes back, and are set back if a limit left something out") {
  for (const bool limited : {false, true}) {
    backed_up n;
    n.step_ns = 60'000'000'000;
    n.write_some(40);
    n.now.log->write_cursor("mails", node::shard, event_offset{20});
    n.write(node::shard, 1);
    auto how = n.options();
    if (limited) how.through = {log_index{0}, log_index{1'000}, log_index{19}, log_index{0}};  // all but the last of `other`
    n.must_back_up(how);
    restored r;
    CHECK(must_restore(n, r).events_left_out() == 0);
    r.open();
    CHECK(r.now.log->bounds(node::shard).last == log_index{21});
    const auto cursor = *r.now.log->read_cursor("mails", node::shard);
    // That was written in minute 40; before minute 30 there are 15 batches of `shard`.
    const auto before = batch_reader::open(n.whole(node::shard)[14].data)->next_offset().value - 1;
    CHECK(cursor == event_offset{limited ? before : 20});
  }
}

TEST_CASE("restore: of a replicated log subscriptions are set back even if all comes back") {
  backed_up n;
  n.step_ns = 60'000'000'000;
  n.write_some(40);
  n.now.log->write_cursor("mails", node::shard, event_offset{20});
  n.write(node::shard, 1);
  auto how = n.options();
  how.created_at = timestamp{42 * n.step_ns};
  how.through.assign(4, log_index{1'000});
  CHECK(n.must_back_up(how).replicated);
  restored r;
  must_restore(n, r);
  r.open();
  // Before minute 32 there are 16 batches.
  const auto before = batch_reader::open(n.whole(node::shard)[15].data)->next_offset().value - 1;
  CHECK(*r.now.log->read_cursor("mails", node::shard) == event_offset{before});
}

TEST_CASE("restore: a term that only batches know is kept too") {
  backed_up n;
  n.now.log->append(node::shard, log_index{1}, timed_batch(1, 1, 1, 1, 8));
  REQUIRE(n.heard.wait_for(node::shard, log_index{1}));
  REQUIRE(n.now.log->write_hard_state(node::shard, {term_number{2}, 3}));
  CHECK(n.must_back_up().shards[1].last_term == term_number{8});
  restored r;
  must_restore(n, r);
  r.open();
  CHECK(*r.now.log->read_hard_state(node::shard) == hard_state{term_number{8}, 0});
}

TEST_CASE("restore: the new log has a name of its own, so that nothing derived from the old one is used") {
  backed_up n;
  n.write_some(20);
  const auto made = n.must_back_up();
  REQUIRE(n.now.close());
  restored r;
  restore_options how;
  how.through = {event_offset{0}, event_offset{3}, event_offset{0}, event_offset{0}};
  const auto plan = must_restore(n, r, how);
  std::filesystem::copy(n.folder.path + "/derived", r.folder + "/derived");
  r.open();
  CHECK(r.has(plan.shards[1].last.value));
  CHECK_FALSE(r.has(plan.shards[1].last.value + 1));
  r.now = {};
  store_options open_as;
  open_as.folder = r.folder;
  open_as.shards = 4;
  CHECK(*(*log_db::open(open_as))->identity() != made.store);
}

TEST_CASE("restore: into a folder that holds something is refused, and that stays as it is") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  restored r;
  std::filesystem::create_directories(r.folder);
  REQUIRE(restore(n.target, r.folder + "/", {}));
  const auto before = listing(r.folder);
  const auto again = restore(n.target, r.folder, {});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "data_dir_not_empty");
  CHECK(again.error().context == r.folder);
  CHECK(listing(r.folder) == before);
  CHECK(restore(n.target, "/proc", {}).error().code == "data_dir_not_empty");
}

TEST_CASE("restore: a damaged backup is refused before anything is written") {
  backed_up n;
  n.write_some(10);
  const auto made = n.must_back_up();
  flip(n.target + "/" + made.files.front().name, 5);
  restored r;
  const auto done = restore(n.target, r.folder, {});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == "backup_damaged");
  CHECK(done.error().context == made.files.front().name);
  CHECK(std::filesystem::is_empty(r.place.path));
}

TEST_CASE("restore: a file that changes between the look at it and its copy is found") {
  backed_up n;
  n.write_some(10);
  const auto made = n.must_back_up();
  restored r;
  restore_options how;
  how.task.on_progress = [&](const backup_progress& seen) {
    if (seen.doing == "copy" && seen.done_bytes == 0) flip(n.target + "/" + made.files.back().name, 7);
  };
  const auto done = restore(n.target, r.folder, how);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == "backup_damaged");
  CHECK(done.error().context == made.files.back().name);
  CHECK_FALSE(std::filesystem::exists(r.folder));
}

TEST_CASE("restore: whatever step of the disk fails, there is no data folder, and the next restore succeeds") {
  backed_up n;
  n.write_some(40, 1'000);
  n.must_back_up();
  restored r;
  int failing = 0;
  for (bool hit = true; hit; ++failing) {
    fault_disk faults;
    std::atomic<int> count = 0;
    hit = false;
    faults.set_judge([&](const fault_disk::event& about) -> fault_disk::verdict {
      CHECK_FALSE(std::filesystem::exists(r.folder));
      if (count++ != failing) return {};
      hit = true;
      return {std::make_error_code(std::errc::io_error), about.size / 2};
    });
    restore_options how;
    how.task.seam = &faults;
    const auto done = restore(n.target, r.folder, how);
    if (done) hit = false;
    if (hit) CHECK_FALSE(std::filesystem::exists(r.folder));
    REQUIRE(failing < 500);
  }
  CHECK(failing > 20);
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), 20);
}

TEST_CASE("restore: two into the same folder at once are told apart") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  restored r;
  const auto first = *folder_lock::take(r.folder + ".restoring");
  CHECK(restore(n.target, r.folder, {}).error().code == "data_dir_locked");
}

TEST_CASE("restore: it can be cancelled while it copies") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  restored r;
  std::stop_source stop;
  restore_options how;
  how.task.stop = stop.get_token();
  how.task.on_progress = [&](const backup_progress& seen) {
    if (seen.doing == "copy") stop.request_stop();
  };
  CHECK(restore(n.target, r.folder, how).error().code == "cancelled");
  CHECK_FALSE(std::filesystem::exists(r.folder));
  must_restore(n, r);
}

TEST_CASE("restore: a plan says what would come back and writes nothing") {
  backed_up n;
  n.write_some(20);
  n.must_back_up();
  restore_options how;
  how.until = timestamp{10};
  const auto plan = plan_restore(n.target, how);
  REQUIRE(plan);
  CHECK(plan->shards[1].last == log_index{5});
  CHECK(plan->shards[2].last == log_index{5});
  CHECK(plan->events() + plan->events_left_out() == n.next_offset[1] - 1 + n.next_offset[2] - 1);
}

}  // namespace bv::storage
