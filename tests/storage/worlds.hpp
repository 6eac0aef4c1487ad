#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/memory_store.hpp"
#include "storage/store.hpp"

/// The implementations that the conformance tests run against. A world is a disk with at most one store open
/// on it; `crash` drops the process, not the disk.
namespace bv::storage {

class memory_world {
 public:
  static constexpr std::uint16_t shards = 4;
  result<void> open() {
    auto opened = open_memory_store(disk_);
    if (!opened) return failure(opened.error());
    now = *std::move(opened);
    return {};
  }
  void crash() {
    disk_.crash();
    now = {};
  }
  store now;

 private:
  memory_disk disk_{shards};
};

}  // namespace bv::storage

#define BV_WORLDS bv::storage::memory_world
