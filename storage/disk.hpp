#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace bv::storage {

/// Stands between the store on RocksDB and its files, for tests and the simulator: it sees each step before
/// it happens and may slow it (by returning late), fail it, or tear it. A store without one goes to the disk
/// directly.
///
/// Threads: calls come from the journal's writer and from background work, at the same time.
class disk {
 public:
  virtual ~disk() = default;

  /// Before a file is created, or opened to be appended to. A code other than 0 makes it fail.
  virtual std::error_code on_create(const std::string& path) = 0;

  /// Before `data` is appended at `offset`. With a code other than 0 only the first `kept` bytes are
  /// written (none unless it is set) and the write fails: a torn write.
  virtual std::error_code on_write(const std::string& path, std::uint64_t offset, std::string_view data,
                                   std::size_t& kept) = 0;

  /// Before the file's first `size` bytes are made durable.
  virtual std::error_code on_sync(const std::string& path, std::uint64_t size) = 0;

  /// After they were: what a power cut can no longer take.
  virtual void synced(const std::string& path, std::uint64_t size) = 0;
};

}  // namespace bv::storage
