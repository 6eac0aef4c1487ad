#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "storage/store.hpp"
#include "tests/storage/batches.hpp"
#include "sim/world/fault_disk.hpp"
#include "tests/storage/worlds.hpp"

/// Real files of a store, and ways to hurt them.
namespace bv::storage {

using sim::fault_disk;

inline bytes slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void spill(const std::string& path, const bytes& data) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << data;
}

inline void flip(const std::string& path, std::size_t at, int bit = 0) {
  auto data = slurp(path);
  REQUIRE(at < data.size());
  data[at] = static_cast<char>(data[at] ^ (1 << bit));
  spill(path, data);
}

/// The files in a folder that end so and aren't empty, oldest first.
inline std::vector<std::string> files(const std::string& folder, const std::string& ending) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ending && entry.file_size() > 0) found.push_back(entry.path().string());
  std::ranges::sort(found);
  return found;
}

/// A store on real files, whose process can be stopped at any moment.
struct node {
  static constexpr shard_id shard{1}, other{2};

  scratch_folder folder;
  fault_disk disk;
  recording_listener heard;
  std::vector<std::string> notes;
  std::mutex notes_mutex;
  commit_stats stats;
  durability durable = durability::fsync;
  bool opens_rotten = false;
  store now;

  result<void> open() {
    store_options options;
    options.folder = folder.path;
    options.shards = 4;
    options.durable = durable;
    options.opens_rotten = opens_rotten;
    options.catches_up = !opens_rotten;
    options.seam = &disk;
    options.on_commit = [this](const commit_stats& seen) { stats = seen; };
    options.on_note = [this](const std::string& line) {
      const std::lock_guard lock(notes_mutex);
      notes.push_back(line);
    };
    BV_ASSIGN(now, open_rocks_store(options));
    for (std::uint16_t i = 0; i < 4; ++i) now.log->listen(shard_id{i}, heard);
    return {};
  }
  void must_open() {
    const auto opened = open();
    INFO((opened ? std::string() : describe(opened.error())));
    REQUIRE(opened);
  }
  void append(std::uint64_t index, shard_id into = shard, std::size_t size = 20) {
    now.log->append(into, log_index{index}, simple_batch(index, index, size));
  }
  /// One commit for each batch, so that the log holds as many writes.
  void fill(std::uint64_t from, std::uint64_t through, shard_id into = shard, std::size_t size = 20) {
    for (auto i = from; i <= through; ++i) {
      append(i, into, size);
      REQUIRE(heard.wait_for(into, log_index{i}));
    }
  }
  void kill() {
    disk.stop();
    now = {};
    disk.start();
  }
  std::string log() const { return folder.path + "/log"; }
  bool noted(const std::string& part) {
    const std::lock_guard lock(notes_mutex);
    return std::ranges::any_of(notes, [&](const auto& line) { return line.find(part) != line.npos; });
  }
  /// Does what the error told an operator to do.
  void check_log_after_rebuild() {
    std::filesystem::remove_all(folder.path + "/derived");
    must_open();
    CHECK(now.derived->find(shard, entity_key::trusted("default", "cart", "c7"))->has_value());
  }
  /// Every batch up to the end is there, in order.
  void check_log(std::uint64_t last, shard_id of = shard, std::size_t size = 20) {
    CHECK(now.log->bounds(of).last == log_index{last});
    const auto page = now.log->read(of, log_index{1}, std::size_t{1} << 30);
    REQUIRE(page);
    REQUIRE(page->size() == last);
    for (std::uint64_t i = 1; i <= last; ++i) CHECK((*page)[i - 1].data == simple_batch(i, i, size));
  }
};

}  // namespace bv::storage
