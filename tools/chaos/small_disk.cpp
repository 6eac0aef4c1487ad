#include "tools/chaos/small_disk.hpp"

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace bv::chaos {
namespace {

constexpr int tries_max = 50;

tl::unexpected<error> disk_failed(const std::string& what, const std::string& folder) {
  return failure(error_kind::internal, "disk_failed", what + " " + folder + ": " + std::strerror(errno), folder);
}

}  // namespace

result<small_disk> small_disk::mount(const std::string& folder, std::uint64_t size_bytes) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const auto size = "size=" + std::to_string(size_bytes) + ",mode=0700";
  if (::mount("bvchaos", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) return disk_failed("can't mount a tmpfs on", folder);
  return small_disk(folder, size_bytes);
}

small_disk::small_disk(small_disk&& other) noexcept : folder_(std::exchange(other.folder_, {})), size_bytes_(other.size_bytes_) {}

small_disk::~small_disk() {
  if (!folder_.empty()) ::umount2(folder_.c_str(), MNT_DETACH);
}

result<void> small_disk::resize(std::uint64_t size_bytes) {
  const auto size = "size=" + std::to_string(size_bytes);
  if (::mount("bvchaos", folder_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) == 0) return {};
  return disk_failed("can't change the size of the tmpfs on", folder_);
}

result<void> small_disk::fill() {
  result<void> resized;
  for (int i = 0; i < tries_max; ++i) {
    struct statvfs now{};
    if (::statvfs(folder_.c_str(), &now) != 0) return disk_failed("can't look at", folder_);
    const std::uint64_t used = (now.f_blocks - now.f_bfree) * now.f_frsize;
    resized = resize(used);
    if (resized) return {};
  }
  return resized;
}

result<void> small_disk::give_room() { return resize(size_bytes_); }

}  // namespace bv::chaos
