// covers: storage/rocks/live_files.cpp storage/backup/files.cpp
#include "storage/backup/back_up.hpp"

#include <atomic>
#include <thread>

#include "storage/memory_store.hpp"
#include "tests/storage/backup/backups.hpp"

namespace bv::storage {
namespace {

constexpr int steps_max = 200;

/// What a folder must not be after a backup into it failed.
void check_nothing_left(const backed_up& n) {
  CHECK_FALSE(std::filesystem::exists(n.target));
  CHECK(verify_backup(n.target, {}).error().code == "not_a_backup");
}

}  // namespace

TEST_CASE("backup: its manifest says what each shard has, where it is from and who made it") {
  backed_up n;
  n.write_some(30);
  const auto made = n.must_back_up();
  CHECK(made.created_at == timestamp{1'700'000'000'000'000'000});
  CHECK(made.program == "9.9.9");
  CHECK_FALSE(made.store.empty());
  REQUIRE(made.shards.size() == 4);
  for (const auto shard : {node::shard, node::other}) {
    const auto bounds = n.now.log->bounds(shard);
    const auto& extent = made.shards[shard.value];
    CHECK(extent.first == log_index{1});
    CHECK(extent.last == bounds.last);
    CHECK(extent.first_offset == event_offset{1});
    CHECK(extent.last_offset == bounds.last_offset);
    CHECK(extent.last_term == term_number{1});
    bytes all;
    for (const auto& entry : n.whole(shard)) all += entry.data;
    CHECK(extent.digest == hash128(all));
  }
  CHECK(made.shards[0].last == log_index{0});
  CHECK(*read_manifest(n.target) == made);
  CHECK(*verify_backup(n.target, {}) == made);
  for (const auto& file : made.files) {
    const auto path = n.target + "/" + file.name;
    CHECK(hash128(slurp(path)) == file.digest);
    const bool immutable = file.name.ends_with(".sst") || file.name.ends_with(".blob");
    CHECK(std::filesystem::hard_link_count(path) == (immutable ? 2 : 1));
  }
}

TEST_CASE("backup: while a writer appends, it holds all that was durable when it began, and a prefix of the rest") {
  backed_up n;
  n.write_some(200, 5'000);
  const auto before = n.now.log->bounds(node::shard).last;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) n.write(node::shard, 1, 5'000);
  });
  const auto made = n.must_back_up();
  stop = true;
  writer.join();
  const auto kept = made.shards[node::shard.value].last;
  CHECK(kept >= before);
  CHECK(kept <= n.now.log->bounds(node::shard).last);
  REQUIRE(verify_backup(n.target, {}));
  restored r;
  REQUIRE(restore(n.target, r.folder, {}));
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), kept.value);
  check_same(n.whole(node::other), r.whole(node::other), made.shards[node::other.value].last.value);
}

TEST_CASE("backup: the writer goes on while a slow backup copies") {
  backed_up n;
  n.write_some(20);
  auto how = n.options();
  std::uint64_t written = 0;
  how.task.on_progress = [&](const backup_progress&) {
    n.write(node::shard, 1);  // returns when it is durable
    ++written;
  };
  const auto made = n.must_back_up(how);
  CHECK(written > 3);
  CHECK(made.shards[node::shard.value].last <= n.now.log->bounds(node::shard).last);
  CHECK(verify_backup(n.target, {}));
}

TEST_CASE("backup: a log of several starts, tables and write-ahead logs comes back whole") {
  backed_up n;
  for (int round = 0; round < 6; ++round) {
    n.write_some(60, 3'000);
    if (round % 2 == 0)
      REQUIRE(n.now.close());
    else
      n.kill();
    n.heard.forget();
    n.must_open();
  }
  CHECK(files(n.log(), ".sst").size() > 3);
  CHECK(files(n.log(), ".blob").size() >= 3);
  n.write_some(20);
  n.must_back_up();
  restored r;
  REQUIRE(restore(n.target, r.folder, {}));
  r.open();
  for (const auto shard : {node::shard, node::other}) check_same(n.whole(shard), r.whole(shard), n.whole(shard).size());
}

TEST_CASE("backup: it lives on when the node's folder is gone, and serves more than one restore") {
  backed_up n;
  n.write_some(40);
  n.must_back_up();
  const auto whole = n.whole(node::shard);
  REQUIRE(n.now.close());
  std::filesystem::remove_all(n.folder.path);
  for (int i = 0; i < 2; ++i) {
    restored r;
    REQUIRE(restore(n.target, r.folder, {}));
    r.open();
    check_same(whole, r.whole(node::shard), whole.size());
  }
  CHECK(verify_backup(n.target, {}));
}

TEST_CASE("backup: onto another file system files are copied") {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code code;
  if (!std::filesystem::is_directory(memory, code)) return;
  backed_up n;
  n.write_some(40, 50'000);
  std::string folder = (memory / "bv-backup-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()));
  const auto made = back_up(n.now, folder, n.options());
  REQUIRE(made);
  CHECK(verify_backup(folder, {}));
  for (const auto& file : made->files) CHECK(hash128(slurp(folder + "/" + file.name)) == file.digest);
  restored r;
  REQUIRE(restore(folder, r.folder, {}));
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), n.whole(node::shard).size());
  std::filesystem::remove_all(folder);
}

TEST_CASE("backup: a limit keeps out what may not be committed, though it is durable") {
  backed_up n;
  n.write_some(40);
  auto how = n.options();
  how.through = {log_index{0}, log_index{7}, log_index{1'000}, log_index{0}};
  const auto made = n.must_back_up(how);
  CHECK(made.shards[node::shard.value].last == log_index{7});
  CHECK(made.shards[node::other.value].last == n.now.log->bounds(node::other).last);
  REQUIRE(verify_backup(n.target, {}));
  restored r;
  REQUIRE(restore(n.target, r.folder, {}));
  r.open();
  check_same(n.whole(node::shard), r.whole(node::shard), 7);
  CHECK(r.has(7));
  CHECK_FALSE(r.has(8));
}

TEST_CASE("backup: a folder that holds something is refused and left as it is") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  const auto before = listing(n.target);
  n.write_some(10);
  const auto again = back_up(n.now, n.target, n.options());
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "backup_folder_not_empty");
  CHECK(again.error().context == n.target);
  CHECK(listing(n.target) == before);
}

TEST_CASE("backup: whatever step of the disk fails, no backup is left, and there never was a manifest before the end") {
  std::vector<std::string> steps;
  bool done = false;
  for (int failing = 0; !done && failing < steps_max; ++failing) {
    backed_up n;
    n.write_during_flushes();
    n.write_some(6, 1'000);
    fault_disk faults;
    int count = 0;
    std::string failed;
    faults.set_judge([&](const fault_disk::event& about) -> fault_disk::verdict {
      CHECK_FALSE(std::filesystem::exists(n.target + "/manifest.json"));
      if (count++ != failing) return {};
      failed = about.path;
      return {std::make_error_code(std::errc::io_error), about.size / 2};
    });
    auto how = n.options();
    how.task.seam = &faults;
    const auto made = back_up(n.now, n.target, how);
    done = failed.empty();
    if (done) {
      CHECK(made);
      CHECK(verify_backup(n.target, {}));
      break;
    }
    steps.push_back(failed);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == "disk_failed");
    CHECK(made.error().context == failed);
    check_nothing_left(n);
  }
  CHECK(done);
  for (const auto* name : {".sst", ".blob", ".log", "CURRENT", "MANIFEST", "OPTIONS", "manifest.json.part"})
    CHECK_MESSAGE(std::ranges::any_of(steps, [&](const auto& step) { return step.find(name) != step.npos; }), name);
}

TEST_CASE("backup: a write that was under way in the moment of the copy is cut off") {
  /// Adds what a write that is only half there leaves behind.
  class half_a_write final : public disk {
   public:
    std::error_code on_create(const std::string&) override { return {}; }
    std::error_code on_write(const std::string&, std::uint64_t, std::string_view, std::size_t&) override { return {}; }
    std::error_code on_sync(const std::string&, std::uint64_t) override { return {}; }
    void synced(const std::string& path, std::uint64_t size) override {
      if (!path.ends_with(".log") || added || size == 0) return;
      added = true;
      auto data = slurp(path);
      spill(path, data + data.substr(0, 20));
    }
    bool added = false;
  };
  backed_up n;
  n.write_during_flushes();
  n.write_some(10);
  half_a_write disk;
  auto how = n.options();
  how.task.seam = &disk;
  const auto made = n.must_back_up(how);
  CHECK(disk.added);
  CHECK(made.shards[1].last == n.now.log->bounds(node::shard).last);
  CHECK(verify_backup(n.target, {}));
}

TEST_CASE("backup: a full disk says so") {
  backed_up n;
  n.write_some(10);
  fault_disk faults;
  faults.set_judge([](const fault_disk::event& about) -> fault_disk::verdict {
    if (about.what != fault_disk::step::write) return {};
    return {std::make_error_code(std::errc::no_space_on_device)};
  });
  auto how = n.options();
  how.task.seam = &faults;
  CHECK(back_up(n.now, n.target, how).error().code == "disk_full");
  check_nothing_left(n);
}

TEST_CASE("backup: it can be cancelled in each of its parts, and leaves nothing") {
  backed_up n;
  n.write_some(60);
  for (const std::string_view part : {"copy", "check"}) {
    std::stop_source stop;
    auto how = n.options();
    how.task.stop = stop.get_token();
    how.task.on_progress = [&](const backup_progress& seen) {
      if (seen.doing == part) stop.request_stop();
    };
    const auto made = back_up(n.now, n.target, how);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == "cancelled");
    check_nothing_left(n);
  }
  n.must_back_up();
}

TEST_CASE("backup: a folder that was there stays, empty, when a backup into it fails") {
  backed_up n;
  n.write_some(10);
  std::filesystem::create_directory(n.target);
  std::stop_source stop;
  stop.request_stop();
  auto how = n.options();
  how.task.stop = stop.get_token();
  CHECK_FALSE(back_up(n.now, n.target, how));
  CHECK(std::filesystem::is_empty(n.target));
  n.must_back_up();
}

TEST_CASE("backup: a log without its beginning is refused, for what is derived could not come back") {
  backed_up n;
  for (int i = 0; i < 600; ++i) n.write(node::shard, 1);
  REQUIRE(n.now.log->drop_prefix(node::shard, log_index{300}));
  const auto made = back_up(n.now, n.target, n.options());
  REQUIRE_FALSE(made);
  CHECK(made.error().code == "beginning_dropped");
  CHECK(made.error().context == "shard 1");
  check_nothing_left(n);
}

TEST_CASE("backup: a store in memory has nothing to back up") {
  memory_disk disk(4);
  const auto opened = *open_memory_store(disk);
  CHECK(back_up(opened, "/nowhere", {}).error().code == "backup_unsupported");
}

TEST_CASE("backup: damage in the node's own log is found while it is backed up") {
  backed_up n;
  n.write_some(200, 20'000);
  // A start reads what is not derived yet, and the end of each shard's log.
  for (const auto shard : {node::shard, node::other}) n.now.derived->apply(shard, n.now.log->bounds(shard).last, {});
  REQUIRE(n.now.close());
  const auto blobs = files(n.log(), ".blob");
  REQUIRE_FALSE(blobs.empty());
  flip(blobs.front(), 90'000);
  n.must_open();
  const auto made = back_up(n.now, n.target, n.options());
  REQUIRE_FALSE(made);
  CHECK(made.error().code == "journal_corrupt");
  CHECK(made.error().context.starts_with("shard "));
  check_nothing_left(n);
}

}  // namespace bv::storage
