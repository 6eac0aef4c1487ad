// Damage outside the write-ahead log: gaps, blobs, tables, missing files.
// covers: storage/rocks/log_db_rot.cpp
#include "storage/rocks/log_db.hpp"

#include "tests/storage/rocks/damage.hpp"

namespace bv::storage {
namespace {

constexpr shard_id shard{0};

store_options options_of(const scratch_folder& folder) {
  store_options options;
  options.folder = folder.path;
  options.shards = 1;
  return options;
}

void put(log_db& db, std::uint64_t index, const bytes& data) {
  db.begin();
  db.put_batch(shard, log_index{index}, data);
  REQUIRE(db.write(true));
}

}  // namespace

TEST_CASE("log: a gap in the indexes refuses to open and names the missing batch") {
  for (const bool flushed : {false, true}) {
    scratch_folder folder;
    {
      auto db = *log_db::open(options_of(folder));
      for (const std::uint64_t i : {1, 2, 4, 5}) put(*db, i, simple_batch(i, i));
      if (flushed) REQUIRE(db->flush());
    }
    const auto opened = log_db::open(options_of(folder));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
    CHECK(opened.error().context == "shard 0, batch 3");
  }
}

TEST_CASE("log: a log that does not begin where it should refuses to open") {
  scratch_folder folder;
  {
    auto db = *log_db::open(options_of(folder));
    put(*db, 2, simple_batch(2, 2));
  }
  CHECK(log_db::open(options_of(folder)).error().context == "shard 0, batch 1");
}

TEST_CASE("log: batches whose offsets do not join refuse to open") {
  scratch_folder folder;
  {
    auto db = *log_db::open(options_of(folder));
    put(*db, 1, simple_batch(1, 1));
    put(*db, 2, simple_batch(2, 3));
  }
  const auto opened = log_db::open(options_of(folder));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().context == "shard 0, batch 1");
}

TEST_CASE("log: a batch in another's place refuses to open") {
  scratch_folder folder;
  {
    auto db = *log_db::open(options_of(folder));
    put(*db, 1, simple_batch(1, 1));
    put(*db, 2, simple_batch(3, 2));
  }
  const auto opened = log_db::open(options_of(folder));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().context == "shard 0, batch 2");
}

TEST_CASE("log: rot in a blob file is found at open if it is near the end, else when it is read") {
  node n;
  n.must_open();
  // Larger than what open verifies: the first batches lie before that.
  const std::size_t size = 20'000;
  n.fill(1, 120, node::shard, size);
  n.now.derived->apply(node::shard, log_index{120}, {});
  REQUIRE(n.now.close());
  const auto blobs = files(n.log(), ".blob");
  REQUIRE(blobs.size() == 1);
  const auto whole = slurp(blobs[0]);

  flip(blobs[0], whole.size() - size / 2);
  const auto opened = n.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "journal_corrupt");
  CHECK(opened.error().context == "shard 1, batch 120");
  spill(blobs[0], whole);

  flip(blobs[0], size * 5 / 2);
  n.must_open();
  CHECK(n.now.log->read(node::shard, log_index{4}, 1 << 30)->size() == 117);
  const auto read = n.now.log->read(node::shard, log_index{1}, 1 << 30);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "journal_corrupt");
  CHECK(read.error().context == "shard 1, batch 3");
}

TEST_CASE("log: a file that is missing refuses to open") {
  for (const auto* ending : {".blob", ".sst"}) {
    node n;
    n.must_open();
    n.fill(1, 5);
    REQUIRE(n.now.close());
    for (const auto& path : files(n.log(), ending)) std::filesystem::remove(path);
    const auto opened = n.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("No such file or directory") != std::string::npos);
    CHECK(opened.error().message.find(n.log()) != std::string::npos);
  }
}

TEST_CASE("log: a clean stop leaves no write-ahead log to replay") {
  node n;
  n.must_open();
  n.fill(1, 5);
  REQUIRE(n.now.close());
  CHECK(files(n.log(), ".log").empty());
  n.must_open();
  n.check_log(5);
}

TEST_CASE("log: a replicated one opens though batches are rotten, at its ends too, says which, and is whole again when they are mended") {
  for (const std::uint64_t rotten : {1, 5, 20}) {
    node n;
    n.must_open();
    n.fill(1, 20, node::shard, 3000);
    n.fill(1, 5, node::other);
    REQUIRE(n.now.close());
    n.now = {};
    const auto blobs = files(n.log(), ".blob");
    REQUIRE(blobs.size() == 1);
    const auto at = slurp(blobs.front()).find(simple_batch(rotten, rotten, 3000));
    REQUIRE(at != bytes::npos);
    flip(blobs.front(), at + 1500);
    CHECK(n.open().error().code == "journal_corrupt");
    n.opens_rotten = true;
    n.must_open();
    CHECK(n.noted("in spite of rot"));
    CHECK(n.now.log->bounds(node::other).sound);
    CHECK_FALSE(n.now.log->bounds(node::shard).sound);
    CHECK(n.now.log->bounds(node::shard).last == log_index{20});
    const auto seen = n.now.log->survey(node::shard, log_index{}, 1 << 20);
    REQUIRE(seen);
    CHECK(seen->rotten == std::vector{log_index{rotten}});
    CHECK_FALSE(n.now.log->read(node::shard, log_index{rotten}, 1));
    CHECK(n.heard.rotten == std::vector{log_index{rotten}});
    REQUIRE(n.now.log->mend(node::shard, {{log_index{rotten}, simple_batch(rotten, rotten, 3000)}}, log_index{20}));
    CHECK(n.now.log->bounds(node::shard).sound);
    n.check_log(20, node::shard, 3000);
    n.fill(21, 22, node::shard, 3000);
    REQUIRE(n.now.close());
    n.now = {};
    n.opens_rotten = false;
    n.must_open();
    n.check_log(22, node::shard, 3000);
  }
}

}  // namespace bv::storage
