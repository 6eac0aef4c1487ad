#pragma once

#include <cstdint>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::chaos {

/// A file system of its own under a folder, which can be filled to the last page and given room again. It is a tmpfs whose size is set
/// to what is used: writes then fail with ENOSPC as on a full disk, nothing has to be written to fill it, no loop device is needed,
/// and nobody else's disk is touched. (That its fsync costs nothing, and a power cut would empty it, is no matter here: processes
/// are killed, not machines.)
class small_disk {
 public:
  /// Mounts it on a folder, which is made. Needs root. Its content is lost when it is unmounted. Error `disk_failed`.
  static result<small_disk> mount(const std::string& folder, std::uint64_t size_bytes);
  small_disk(small_disk&& other) noexcept;
  ~small_disk();

  /// No room for another page. Whoever writes meanwhile may be quicker: it is tried a few times.
  result<void> fill();
  result<void> give_room();

 private:
  small_disk(std::string folder, std::uint64_t size_bytes) : folder_(std::move(folder)), size_bytes_(size_bytes) {}
  result<void> resize(std::uint64_t size_bytes);

  std::string folder_;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace bv::chaos
