#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/memory_store.hpp"
#include "storage/store.hpp"
#include "sim/world/fault_disk.hpp"

/// The implementations that the conformance tests run against. A world is a disk with at most one store open
/// on it; `crash` drops the process, not the disk.
namespace bv::storage {

using sim::fault_disk;

/// Two of those that each world has.
inline constexpr shard_id shard{1}, other{2};

class memory_world {
 public:
  static constexpr std::uint16_t shards = 4;
  result<void> open(bool catches_up = true) {
    auto opened = open_memory_store(disk_, {.on_commit = {}, .catches_up = catches_up});
    if (!opened) return failure(opened.error());
    now = *std::move(opened);
    return {};
  }
  void crash() {
    disk_.crash();
    now = {};
  }

 private:
  memory_disk disk_{shards};

 public:
  store now;
};

/// A folder that is gone when the test is.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bv-storage-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    path = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  std::string path;
};

class rocks_world {
 public:
  static constexpr std::uint16_t shards = 4;
  result<void> open(bool catches_up = true) {
    store_options options;
    options.folder = folder_.path;
    options.shards = shards;
    options.seam = &disk_;
    options.catches_up = catches_up;
    auto opened = open_rocks_store(options);
    if (!opened) return failure(opened.error());
    now = *std::move(opened);
    return {};
  }
  /// As if the process were killed: from one moment on nothing reaches the files.
  void crash() {
    disk_.stop();
    now = {};
    disk_.start();
  }

 private:
  scratch_folder folder_;
  fault_disk disk_;

 public:
  store now;
};

}  // namespace bv::storage

#define BV_WORLDS bv::storage::memory_world, bv::storage::rocks_world
