#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"

namespace bv::storage {

/// A file of a database at one moment.
struct live_file {
  std::string name;           ///< inside the database's folder
  std::string path;           ///< where it lies now
  std::uint64_t size = 0;     ///< what belongs to the moment; the file itself may have grown since
  bool immutable = false;     ///< never written again: a hard link is as good as a copy
  std::string contents;       ///< if not empty: what the file held; the one on disk may say something newer
};

/// Calls `take` with the files that together hold the state of one moment, everything that was written before
/// the call included. Until it returns none of them is removed; writers go on, also those of this database.
/// What lies in memtables is written out first, in the background, so that little is left in the write-ahead
/// log. Errors: `disk_failed`, `disk_full`; and whatever `take` returns.
result<void> with_live_files(rocksdb::DB& db,
                             const std::function<result<void>(const std::vector<live_file>&)>& take);

}  // namespace bv::storage
