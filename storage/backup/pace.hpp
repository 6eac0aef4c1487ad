#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "protocols/schema/base/result.hpp"
#include "storage/backup/task.hpp"

namespace rocksdb {
class RateLimiter;
}

namespace bv::storage {

/// Slows a task down, counts what it does and ends it.
class pace {
 public:
  explicit pace(const backup_task& task);
  ~pace();

  /// From here on it does something else.
  void begin(std::string_view doing, std::uint64_t total_bytes);
  /// It has done all of that.
  void end();
  /// Before so much is read: blocks as long as the rate asks for. Error `cancelled` (kind unavailable).
  result<void> take(std::uint64_t size_bytes);
  /// The disk's seam; may be null.
  [[nodiscard]] disk* seam() const { return task_.seam; }

 private:
  const backup_task& task_;
  std::unique_ptr<rocksdb::RateLimiter> limit_;  ///< null: none
  backup_progress now_;
};

}  // namespace bv::storage
