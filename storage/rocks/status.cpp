#include "storage/rocks/status.hpp"

namespace bv::storage {

error to_error(const rocksdb::Status& status, const std::string& doing) {
  const auto said = doing + ": " + status.ToString();
  if (status.IsNoSpace())
    return {error_kind::unavailable, "disk_full", said + "; free space and start again"};
  if (status.IsCorruption()) return {error_kind::internal, "journal_corrupt", said};
  return {error_kind::unavailable, "disk_failed", said};
}

}  // namespace bv::storage
