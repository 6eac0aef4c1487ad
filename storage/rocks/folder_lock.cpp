// An advisory lock (flock) on a file named LOCK: unlike a file that merely exists it can't outlive its
// process. The pid inside is for people only.
#include "storage/rocks/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace bv::storage {
namespace {

tl::unexpected<error> unusable(const std::string& folder, const std::error_code& code) {
  return failure(error_kind::unavailable, "data_dir_unusable",
                 "the data folder can't be made or written: " + code.message(), folder);
}

std::string holder_of(int file) {
  char text[32] = {};
  const auto size = ::pread(file, text, sizeof text - 1, 0);
  const std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto digits = pid.substr(0, pid.find_first_not_of("0123456789"));
  return digits.empty() ? "another process" : "process " + digits;
}

}  // namespace

result<folder_lock> folder_lock::take(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return unusable(folder, code);
  const int file = ::open((folder + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return unusable(folder, {errno, std::system_category()});
  folder_lock taken(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(folder, {errno, std::system_category()});
    return failure(error_kind::unavailable, "data_dir_locked",
                   "the data folder is in use by " + holder_of(file) + "; stop it or choose another folder",
                   folder);
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0)
    return unusable(folder, {errno, std::system_category()});
  return taken;
}

folder_lock::~folder_lock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace bv::storage
