#include "storage/backup/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "storage/backup/digest_stream.hpp"

namespace bv::storage {
namespace {

constexpr std::size_t piece_size = std::size_t{1} << 20;
/// A copy is written back as it grows: a journal's fsync on the same disk must not wait behind a whole file.
constexpr std::uint64_t written_back_every = std::uint64_t{8} << 20;

tl::unexpected<error> failed(const std::string& doing, const std::string& path, const std::error_code& code) {
  const bool full = code == std::errc::no_space_on_device;
  return failure(error_kind::unavailable, full ? "disk_full" : "disk_failed", "can't " + doing + ": " + code.message(),
                 path);
}

tl::unexpected<error> failed(const std::string& doing, const std::string& path) {
  return failed(doing, path, {errno, std::system_category()});
}

class open_file {
 public:
  open_file(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~open_file() {
    if (file_ >= 0) ::close(file_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] int get() const { return file_; }
  explicit operator bool() const { return file_ >= 0; }

 private:
  const int file_;
};

/// Fills as much of `into` as the file has; how much that was.
result<std::size_t> read_piece(const open_file& from, const std::string& path, std::vector<char>& into,
                               std::size_t size) {
  std::size_t had = 0;
  while (had < size) {
    const auto got = ::read(from.get(), into.data() + had, size - had);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    had += static_cast<std::size_t>(got);
  }
  return had;
}

/// A file on its way, behind the seam.
class new_file {
 public:
  new_file(const std::string& path, disk* seam)
      : path_(path),
        seam_(seam),
        refused_(seam ? seam->on_create(path) : std::error_code{}),
        file_(refused_ ? nullptr : std::make_unique<open_file>(path, O_WRONLY | O_CREAT | O_EXCL)) {}

  result<void> open() const {
    if (refused_) return failed("make", path_, refused_);
    if (!*file_) return failed("make", path_);
    return {};
  }

  result<void> append(bytes_view data) {
    std::size_t kept = 0;
    const auto code = seam_ ? seam_->on_write(path_, size_, data, kept) : std::error_code{};
    if (code) data = data.substr(0, kept);
    while (!data.empty()) {
      const auto wrote = ::write(file_->get(), data.data(), data.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return failed("write", path_);
      size_ += static_cast<std::uint64_t>(wrote);
      data.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (code) return failed("write", path_, code);
    if (size_ - synced_ >= written_back_every) return sync();
    return {};
  }

  result<void> sync() {
    if (seam_)
      if (const auto code = seam_->on_sync(path_, size_)) return failed("make durable", path_, code);
    if (::fdatasync(file_->get()) != 0) return failed("make durable", path_);
    if (seam_) seam_->synced(path_, size_);
    synced_ = size_;
    return {};
  }

 private:
  const std::string& path_;
  disk* const seam_;
  const std::error_code refused_;
  const std::unique_ptr<open_file> file_;  ///< null if it was refused
  std::uint64_t size_ = 0, synced_ = 0;
};

}  // namespace

result<file_summary> digest_file(const std::string& path, pace& at) {
  const open_file from(path, O_RDONLY);
  if (!from) return failed("read", path);
  std::vector<char> piece(piece_size);
  digest_stream digest;
  for (file_summary sum;;) {
    BV_ASSIGN(const auto had, read_piece(from, path, piece, piece.size()));
    BV_TRY(at.take(had));
    digest.add({piece.data(), had});
    sum.size += had;
    sum.digest = digest.value();
    if (had < piece.size()) return sum;
  }
}

result<file_summary> copy_file(const std::string& from, const std::string& to, std::uint64_t size, pace& at) {
  const open_file source(from, O_RDONLY);
  if (!source) return failed("read", from);
  new_file target(to, at.seam());
  BV_TRY(target.open());
  std::vector<char> piece(piece_size);
  digest_stream digest;
  for (auto left = size; left > 0;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
    BV_TRY(at.take(wanted));
    BV_ASSIGN(const auto had, read_piece(source, from, piece, wanted));
    if (had < wanted)
      return failure(error_kind::unavailable, "disk_failed",
                     "the file ends " + std::to_string(left - had) + " bytes too early", from);
    digest.add({piece.data(), had});
    BV_TRY(target.append({piece.data(), had}));
    left -= had;
  }
  BV_TRY(target.sync());
  return file_summary{size, digest.value()};
}

result<void> write_file(const std::string& path, bytes_view content, disk* seam) {
  new_file target(path, seam);
  BV_TRY(target.open());
  BV_TRY(target.append(content));
  return target.sync();
}

result<bool> link_file(const std::string& from, const std::string& to, disk* seam) {
  if (seam)
    if (const auto code = seam->on_create(to)) return failed("make", to, code);
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  if (errno == EXDEV || errno == EPERM || errno == EMLINK || errno == ENOSYS || errno == EOPNOTSUPP) return false;
  return failed("link", to);
}

result<bytes> read_small_file(const std::string& path, std::uint64_t size_max) {
  const open_file from(path, O_RDONLY);
  if (!from) return failed("read", path);
  struct stat about {};
  if (::fstat(from.get(), &about) != 0) return failed("read", path);
  if (static_cast<std::uint64_t>(about.st_size) > size_max)
    return failure(error_kind::unavailable, "disk_failed", "the file has more than " + std::to_string(size_max) + " bytes", path);
  std::vector<char> content(static_cast<std::size_t>(about.st_size));
  BV_ASSIGN(const auto had, read_piece(from, path, content, content.size()));
  return bytes(content.data(), had);
}

result<void> sync_folder(const std::string& path) {
  const open_file names(path, O_RDONLY | O_DIRECTORY);
  if (!names || ::fsync(names.get()) != 0) return failed("make durable", path);
  return {};
}

result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0) return failed("make", path);
  return {};
}

result<bool> is_mount_point(const std::string& path) {
  struct stat here {}, above {};
  if (::stat(path.c_str(), &here) != 0 || ::stat((path + "/..").c_str(), &above) != 0) return failed("look at", path);
  return here.st_dev != above.st_dev;
}

result<void> rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename " + from, to);
  const auto parent = std::filesystem::path(to).parent_path().string();
  return sync_folder(parent.empty() ? "." : parent);
}

}  // namespace bv::storage
