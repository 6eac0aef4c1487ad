// RocksDB's own Checkpoint is this and a loop of links and copies; the loop is ours because it has to be
// slowed down, broken off, watched, and hurt in tests.
#include "storage/rocks/live_files.hpp"

#include "storage/rocks/status.hpp"

namespace bv::storage {
namespace {

/// Keeps the database from removing files.
class kept_files {
 public:
  explicit kept_files(rocksdb::DB& db) : db_(db), status_(db.DisableFileDeletions()) {}
  ~kept_files() {
    if (status_.ok()) db_.EnableFileDeletions(false).PermitUncheckedError();
  }
  kept_files(const kept_files&) = delete;
  kept_files& operator=(const kept_files&) = delete;
  [[nodiscard]] const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Status status_;
};

}  // namespace

result<void> with_live_files(rocksdb::DB& db,
                             const std::function<result<void>(const std::vector<live_file>&)>& take) {
  const kept_files kept(db);
  BV_TRY(checked(kept.status(), "can't keep the journal's files"));
  std::vector<rocksdb::LiveFileStorageInfo> found;
  BV_TRY(checked(db.GetLiveFilesStorageInfo({}, &found), "can't list the journal's files"));
  std::vector<live_file> files;
  for (auto& one : found)
    files.push_back({one.relative_filename, one.directory + "/" + one.relative_filename, one.size,
                     one.file_type == rocksdb::kTableFile || one.file_type == rocksdb::kBlobFile,
                     std::move(one.replacement_contents)});
  return take(files);
}

}  // namespace bv::storage
