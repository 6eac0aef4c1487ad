#include "protocols/cluster/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bv::cluster {
namespace {

tl::unexpected<error> write_failed(const std::string& file) {
  return failure(error_kind::internal, "write_failed", "can't write " + file + ": " + std::strerror(errno), file);
}

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(to, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(to) == 0;
}

void sync_folder(const std::filesystem::path& folder) {
  const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

}  // namespace

result<void> write_whole_file(const std::string& file, std::string_view text, unsigned mode, existing when) {
  const auto draft = file + ".new";
  ::unlink(draft.c_str());
  // Exclusive, and private from its first moment: it may be a key.
  const int to = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (to < 0) return write_failed(draft);
  const bool written = write_all(to, text) && ::fchmod(to, mode) == 0;
  const int why = errno;
  ::close(to);
  errno = why;
  // A link refuses to replace; a rename does not.
  const bool in_place = written && (when == existing::replace ? ::rename(draft.c_str(), file.c_str()) : ::link(draft.c_str(), file.c_str())) == 0;
  const int failed = errno;
  if (!in_place || when == existing::refuse) ::unlink(draft.c_str());
  errno = failed;
  if (!in_place && failed == EEXIST) return failure(error_kind::conflict, "file_exists", file + " exists and is not overwritten", file);
  if (!in_place) return write_failed(file);
  sync_folder(std::filesystem::path(file).parent_path());
  return {};
}

}  // namespace bv::cluster
