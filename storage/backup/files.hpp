#pragma once

#include <cstdint>
#include <string>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/backup/pace.hpp"

/// The files of backups. Errors of all: `disk_failed`, `disk_full` (unavailable), with the path; `cancelled`.
namespace bv::storage {

struct file_summary {
  std::uint64_t size = 0;
  hash128_value digest;
};

/// Reads a whole file.
result<file_summary> digest_file(const std::string& path, pace& at);

/// Copies the first `size` bytes into a new file, durably; fails if there are fewer. The digest is of what was copied.
result<file_summary> copy_file(const std::string& from, const std::string& to, std::uint64_t size, pace& at);

/// Makes a new file of `content`, durably.
result<void> write_file(const std::string& path, bytes_view content, disk* seam);

/// A second name for the file; false if the file systems can't.
result<bool> link_file(const std::string& from, const std::string& to, disk* seam);

/// `disk_failed` if it has more than `size_max` bytes.
result<bytes> read_small_file(const std::string& path, std::uint64_t size_max);

/// Makes the names in a folder durable.
result<void> sync_folder(const std::string& path);

/// Makes a folder that is not there yet.
result<void> make_folder(const std::string& path);

/// Whether another file system begins here.
result<bool> is_mount_point(const std::string& path);

/// Gives a file or folder its final name, durably. What has that name must be an empty folder or nothing.
result<void> rename_durably(const std::string& from, const std::string& to);

}  // namespace bv::storage
