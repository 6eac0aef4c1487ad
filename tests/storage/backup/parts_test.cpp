// The parts of backups by themselves. covers: storage/backup/walk.cpp storage/backup/files.cpp
#include <doctest/doctest.h>

#include <chrono>

#include "storage/backup/digest_stream.hpp"
#include "storage/backup/files.hpp"
#include "storage/backup/manifest.hpp"
#include "storage/backup/pace.hpp"
#include "storage/backup/walk.hpp"
#include "tests/storage/rocks/damage.hpp"

namespace bv::storage {
namespace {

backup_manifest example() {
  backup_manifest of;
  of.store = "a \"store\"";
  of.created_at = timestamp{1'700'000'000'000'000'000};
  of.program = "1.2.3";
  of.replicated = true;
  of.shards = {{log_index{1}, log_index{5}, event_offset{1}, event_offset{9}, term_number{2}, {1, 2}},
               {log_index{1}, log_index{0}, event_offset{1}, event_offset{0}, term_number{0}, {~0ull, 0}}};
  of.files = {{"log/000001.sst", 12, {3, 4}}, {"log/CURRENT", 0, {}}};
  return of;
}

}  // namespace

TEST_CASE("digest: pieces have the digest of the whole") {
  digest_stream digest;
  CHECK(digest.value() == hash128(""));
  digest.add("one ");
  digest.add("");
  digest.add("two");
  CHECK(digest.value() == hash128("one two"));
}

TEST_CASE("manifest: what is written is read again") {
  CHECK(*parse_manifest(to_json(example())) == example());
}

TEST_CASE("manifest: any flipped bit is found") {
  const auto text = to_json(example());
  for (std::size_t at = 0; at < text.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto hurt = text;
      hurt[at] = static_cast<char>(hurt[at] ^ (1 << bit));
      const auto read = parse_manifest(hurt);
      REQUIRE_FALSE(read);
      REQUIRE(read.error().code == "backup_damaged");
    }
  CHECK_FALSE(parse_manifest(""));
  CHECK_FALSE(parse_manifest(text + " "));
  CHECK_FALSE(parse_manifest(text.substr(0, text.size() - 1)));
}

TEST_CASE("manifest: a file's name can't lead out of the backup") {
  for (const auto* name : {"log/../../etc/passwd", "/etc/passwd", "log/", "log/.", "log/..", "log/a/b", "other/a", ""}) {
    auto of = example();
    of.files.front().name = name;
    CHECK_FALSE(parse_manifest(to_json(of)));
  }
}

TEST_CASE("manifest: another format is named") {
  auto text = to_json(example());
  text.replace(text.find("\"format\":1"), 10, "\"format\":2");
  const auto body = text.substr(0, text.rfind(",\n \"checksum\""));
  const auto read = parse_manifest(body + ",\n \"checksum\":\"" + to_hex(hash128(body)) + "\"}\n");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "backup_format_unknown");
}

TEST_CASE("pace: a rate is kept") {
  backup_task task;
  task.bytes_per_s_max = 1'000'000;
  pace at(task);
  const auto start = std::chrono::steady_clock::now();
  at.begin("copy", 400'000);
  for (int i = 0; i < 4; ++i) REQUIRE(at.take(100'000));
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(200));
}

TEST_CASE("pace: what is done is told, never more than all, and a stop is heard") {
  std::stop_source stop;
  std::vector<std::uint64_t> seen;
  backup_task task;
  task.stop = stop.get_token();
  task.on_progress = [&](const backup_progress& now) {
    CHECK(now.doing == "copy");
    CHECK(now.total_bytes == 10);
    seen.push_back(now.done_bytes);
  };
  pace at(task);
  at.begin("copy", 10);
  REQUIRE(at.take(4));
  REQUIRE(at.take(0));
  REQUIRE(at.take(9));
  CHECK(seen == std::vector<std::uint64_t>{0, 4, 10});
  at.begin("copy", 10);
  at.end();
  CHECK(seen == std::vector<std::uint64_t>{0, 4, 10, 0, 10});
  stop.request_stop();
  CHECK(at.take(1).error().code == "cancelled");
}

TEST_CASE("walk: offsets that do not join are named") {
  scratch_folder folder;
  store_options how;
  how.folder = folder.path;
  how.shards = 1;
  // More than what an open looks at, so that only the walk finds the hole.
  constexpr std::uint64_t count = 600;
  const auto db = *log_db::open(how);
  for (std::uint64_t i = 1; i <= count; ++i) {
    db->begin();
    db->put_batch(shard_id{0}, log_index{i}, simple_batch(i, i < 10 ? i : i + 1));
    REQUIRE(db->write(false));
  }
  log_bounds bounds;
  bounds.last = log_index{count};
  db->set_bounds(shard_id{0}, bounds);
  const backup_task task;
  pace at(task);
  const auto seen = walk_shard(*db, shard_id{0}, log_index{count}, at, [](const batch_reader&) {});
  REQUIRE_FALSE(seen);
  CHECK(seen.error().code == "journal_corrupt");
  CHECK(seen.error().context == "shard 0, batch 10");
}

TEST_CASE("files: a source that is too short, or a name that is taken, is told") {
  scratch_folder folder;
  const auto from = folder.path + "/from", to = folder.path + "/to";
  spill(from, "12345");
  const backup_task task;
  pace at(task);
  const auto short_one = copy_file(from, to, 9, at);
  REQUIRE_FALSE(short_one);
  CHECK(short_one.error().context == from);
  CHECK(copy_file(from, to, 3, at).error().context == to);
  CHECK(read_small_file(from, 4).error().context == from);
  CHECK(*read_small_file(from, 5) == "12345");
  const auto other = copy_file(from, folder.path + "/other", 3, at);
  REQUIRE(other);
  CHECK(other->digest == hash128("123"));
  CHECK_FALSE(*is_mount_point(folder.path));
  CHECK(*is_mount_point("/proc"));
}

}  // namespace bv::storage
