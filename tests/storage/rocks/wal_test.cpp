// Torn tails and rot, made with real files of a store whose process was stopped.
#include "storage/rocks/wal.hpp"

#include "storage/rocks/log_db.hpp"
#include "tests/storage/rocks/damage.hpp"

namespace bv::storage {
namespace {

constexpr std::size_t wal_block = 32768;

/// Sizes that a log file had after each of its writes, found by watching it grow.
struct grown_wal {
  bytes data;
  std::vector<std::size_t> ends;
};

/// The log of `count` writes of one batch each.
grown_wal grow(std::uint64_t count, std::size_t size = 20) {
  node n;
  n.must_open();
  grown_wal made;
  std::string path;
  n.disk.set_judge([&](const fault_disk::event& e) -> fault_disk::verdict {
    if (e.what == fault_disk::step::sync && e.path.ends_with(".log")) {
      made.ends.push_back(e.at);
      path = e.path;
    }
    return {};
  });
  n.fill(1, count, node::shard, size);
  n.kill();
  made.data = slurp(path);
  // The first write of all is that of the settings, before the judge was there.
  REQUIRE(made.ends.size() == count);
  REQUIRE(made.ends.back() == made.data.size());
  return made;
}

/// Mends a folder that holds just this log.
struct mended {
  result<void> outcome;
  bytes data;
  std::vector<std::string> notes;
};

mended mend(const std::vector<bytes>& logs) {
  static const scratch_folder folder;
  for (const auto& path : files(folder.path, ".log")) std::filesystem::remove(path);
  for (std::size_t i = 0; i < logs.size(); ++i)
    spill(folder.path + "/00000" + std::to_string(i + 4) + ".log", logs[i]);
  mended m;
  m.outcome = mend_wal(folder.path, nullptr, [&](const std::string& line) { m.notes.push_back(line); });
  for (std::size_t i = 0; i < logs.size(); ++i)
    m.data += slurp(folder.path + "/00000" + std::to_string(i + 4) + ".log");
  return m;
}

mended mend(const bytes& log) {
  return mend(std::vector{log});
}

}  // namespace

TEST_CASE("wal: a sound log is left alone, and so is a folder without one") {
  const auto wal = grow(5);
  const auto m = mend(wal.data);
  CHECK(m.outcome);
  CHECK(m.data == wal.data);
  CHECK(m.notes.empty());
  CHECK(mend(std::vector<bytes>{}).outcome);
  CHECK(mend_wal("/nonexistent/bv", nullptr, {}));
}

TEST_CASE("wal: cut short at any byte, it keeps every whole write and says what it cut") {
  const auto wal = grow(8);
  const auto first = wal.ends.front();
  for (auto size = first; size < wal.data.size(); ++size) {
    const auto m = mend(wal.data.substr(0, size));
    REQUIRE(m.outcome);
    const auto whole = *(std::ranges::upper_bound(wal.ends, size) - 1);
    CHECK(m.data.size() == whole);
    CHECK(m.notes.size() == (size == whole ? 0 : 1));
  }
}

TEST_CASE("wal: rot in front of a whole write refuses and names the byte where the write begins") {
  const auto wal = grow(8);
  for (std::size_t at = wal.ends[0]; at < wal.ends[6]; ++at) {
    auto rotten = wal.data;
    rotten[at] = static_cast<char>(rotten[at] ^ (1 << at % 8));
    const auto m = mend(rotten);
    REQUIRE_FALSE(m.outcome);
    CHECK(m.outcome.error().code == "journal_corrupt");
    const auto begin = *(std::ranges::upper_bound(wal.ends, at) - 1);
    CHECK(m.outcome.error().context.ends_with("/000004.log, byte " + std::to_string(begin)));
    CHECK(m.data == rotten);
  }
}

TEST_CASE("wal: damage in the last write is cut, for nothing shows that it was acknowledged") {
  const auto wal = grow(4);
  for (std::size_t at = wal.ends[2]; at < wal.ends[3]; ++at) {
    auto torn = wal.data;
    torn[at] = static_cast<char>(torn[at] ^ 1);
    const auto m = mend(torn);
    REQUIRE(m.outcome);
    CHECK(m.data.size() == wal.ends[2]);
    CHECK(m.notes.size() == 1);
  }
  // A file whose size reached the disk before its bytes did.
  const auto m = mend(wal.data.substr(0, wal.ends[2]) + bytes(3 * wal_block, '\0'));
  REQUIRE(m.outcome);
  CHECK(m.data.size() == wal.ends[2]);
}

TEST_CASE("wal: writes of several blocks are cut or refused as small ones are") {
  const auto wal = grow(4, 3 * wal_block);
  // The last write lost its first block and kept the others: torn, not rotten.
  auto torn = wal.data;
  for (std::size_t i = 0; i < 1000; ++i) torn[wal.ends[2] + i] = '\0';
  const auto cut = mend(torn);
  REQUIRE(cut.outcome);
  CHECK(cut.data.size() == wal.ends[2]);
  for (std::size_t size = wal.ends[2] + 1; size < wal.data.size(); size += 4096 - 1)
    CHECK(mend(wal.data.substr(0, size)).data.size() == wal.ends[2]);
  // Any block of an earlier one: rotten.
  for (auto at = wal.ends[1] + 5; at < wal.ends[2]; at += wal_block / 3) {
    auto rotten = wal.data;
    rotten[at] = static_cast<char>(rotten[at] ^ 0x10);
    CHECK_FALSE(mend(rotten).outcome);
  }
}

TEST_CASE("wal: rot in an older file refuses if a newer one goes on") {
  const auto older = grow(3).data;
  const auto newer = grow(6).data;
  auto rotten = older;
  rotten.back() = static_cast<char>(rotten.back() ^ 1);
  CHECK_FALSE(mend({rotten, newer}).outcome);
  CHECK(mend({rotten, bytes()}).outcome);
  CHECK(mend({older, newer}).outcome);
}

TEST_CASE("wal: a torn tail is cut at open, and the log goes on from there") {
  node n;
  n.must_open();
  n.fill(1, 6);
  n.kill();
  const auto path = files(n.log(), ".log").back();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  n.must_open();
  CHECK(n.noted("the last write was torn"));
  n.check_log(5);
  n.fill(6, 8);
  n.kill();
  n.must_open();
  n.check_log(8);
}

TEST_CASE("wal: rot in the middle refuses to open, in an old file and in the one behind it") {
  node n;
  n.must_open();
  n.fill(1, 6);
  n.kill();
  n.must_open();
  n.fill(7, 12);
  n.kill();
  const auto logs = files(n.log(), ".log");
  REQUIRE(logs.size() == 2);
  for (const auto& path : logs) {
    const auto at = slurp(path).size() / 2;
    flip(path, at);
    const auto opened = n.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
    CHECK(opened.error().context.find(path + ", byte ") == 0);
    flip(path, at);
  }
  n.must_open();
  n.check_log(12);
}

TEST_CASE("wal: writes that were not synced may leave holes, synced ones may not") {
  scratch_folder folder;
  store_options options;
  options.folder = folder.path;
  options.shards = 1;
  const shard_id shard{0};
  fault_disk disk;
  options.seam = &disk;
  const auto put = [&](log_db& db, std::uint64_t index) {
    db.begin();
    db.put_batch(shard, log_index{index}, simple_batch(index, index));
    REQUIRE(db.write(false));
  };
  std::size_t synced_size = 0, size = 0;
  {
    auto db = *log_db::open(options);
    put(*db, 1);
    put(*db, 2);
    REQUIRE(db->sync());
    synced_size = std::filesystem::file_size(files(folder.path + "/log", ".log").back());
    for (std::uint64_t i = 3; i <= 6; ++i) put(*db, i);
    size = std::filesystem::file_size(files(folder.path + "/log", ".log").back());
    disk.stop();
  }
  disk.start();
  const auto path = files(folder.path + "/log", ".log").back();
  const auto whole = slurp(path);
  REQUIRE(whole.size() == size);
  // Batch 2 was synced before batch 3 was written: rot.
  flip(path, synced_size - 1);
  CHECK(log_db::open(options).error().code == "journal_corrupt");
  spill(path, whole);
  // Batch 3 was not when 4 to 6 were written: a power cut may have taken it and left them.
  flip(path, synced_size + 30);
  const auto db = log_db::open(options);
  REQUIRE(db);
  CHECK((*db)->bounds(shard).last == log_index{2});
}

TEST_CASE("wal: what failed can be cut off again") {
  const auto wal = grow(5);
  const scratch_folder folder;
  const auto path = folder.path + "/000004.log";
  spill(path, wal.data);
  // Sequence 1 is the settings', each batch has one.
  REQUIRE(cut_wal_after(folder.path, 4, nullptr));
  CHECK(slurp(path) == wal.data.substr(0, wal.ends[2]));
  REQUIRE(cut_wal_after(folder.path, 4, nullptr));
  CHECK(slurp(path).size() == wal.ends[2]);
}

}  // namespace bv::storage
