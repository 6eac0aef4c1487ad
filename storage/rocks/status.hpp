#pragma once

#include <rocksdb/status.h>

#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::storage {

/// What RocksDB said, as an error of ours: `disk_full` and `disk_failed` (unavailable), `journal_corrupt`
/// (internal). `doing` says what was attempted, in the words of an operator.
error to_error(const rocksdb::Status& status, const std::string& doing);

inline result<void> checked(const rocksdb::Status& status, const std::string& doing) {
  if (status.ok()) return {};
  return tl::unexpected<error>(to_error(status, doing));
}

}  // namespace bv::storage
