#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "storage/disk.hpp"

namespace bv::storage {

/// The machine's file system with `seam` before every create, append and sync; must outlive the database
/// that uses it, and `seam` must outlive both. Nothing if there is no seam: RocksDB then uses its own.
std::unique_ptr<rocksdb::Env> make_watched_env(disk* seam);

}  // namespace bv::storage
