#include "storage/rocks/file_system.hpp"

#include <rocksdb/file_system.h>

#include <atomic>

namespace bv::storage {
namespace {

rocksdb::IOStatus to_status(const std::error_code& code, const std::string& path) {
  return code == std::errc::no_space_on_device ? rocksdb::IOStatus::NoSpace(path, code.message())
                                               : rocksdb::IOStatus::IOError(path, code.message());
}

class watched_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  watched_file(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::string path, std::uint64_t size,
               disk& seam)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), size_(size), seam_(seam) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    std::size_t kept = 0;
    if (const auto code = seam_.on_write(path_, size_, {data.data(), data.size()}, kept)) {
      if (kept != 0)
        FSWritableFileOwnerWrapper::Append({data.data(), kept}, options, context).PermitUncheckedError();
      return to_status(code, path_);
    }
    auto status = FSWritableFileOwnerWrapper::Append(data, options, context);
    if (status.ok()) size_ += data.size();
    return status;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override {
    return Append(data, options, context);
  }

  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }

 private:
  template <class Sync>
  rocksdb::IOStatus sync(Sync really) {
    const auto size = size_.load();
    if (const auto code = seam_.on_sync(path_, size)) return to_status(code, path_);
    auto status = really();
    if (status.ok()) seam_.synced(path_, size);
    return status;
  }

  const std::string path_;
  std::atomic<std::uint64_t> size_;
  disk& seam_;
};

class watched_file_system final : public rocksdb::FileSystemWrapper {
 public:
  watched_file_system(std::shared_ptr<rocksdb::FileSystem> target, disk& seam)
      : FileSystemWrapper(std::move(target)), seam_(seam) {}
  static const char* kClassName() { return "bv.watched"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                    rocksdb::IODebugContext* context) override {
    if (const auto code = seam_.on_create(path)) return to_status(code, path);
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = FileSystemWrapper::NewWritableFile(path, options, &file, context);
    if (status.ok()) *made = std::make_unique<watched_file>(std::move(file), path, 0, seam_);
    return status;
  }

  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* made,
                                       rocksdb::IODebugContext* context) override {
    if (const auto code = seam_.on_create(path)) return to_status(code, path);
    std::uint64_t size = 0;
    FileSystemWrapper::GetFileSize(path, options.io_options, &size, context).PermitUncheckedError();
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = FileSystemWrapper::ReopenWritableFile(path, options, &file, context);
    if (status.ok()) *made = std::make_unique<watched_file>(std::move(file), path, size, seam_);
    return status;
  }

 private:
  disk& seam_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_watched_env(disk* seam) {
  if (!seam) return nullptr;
  return rocksdb::NewCompositeEnv(
      std::make_shared<watched_file_system>(rocksdb::FileSystem::Default(), *seam));
}

}  // namespace bv::storage
