// In this order: names for all files of one moment while the journal keeps them; then, at leisure, their checksums and a
// look at every batch; the manifest last. What the journal's writer notices is one flush of a memtable, as it has every 64
// MiB anyway.
#include "storage/backup/back_up.hpp"

#include <algorithm>
#include <filesystem>

#include "protocols/schema/base/assert.hpp"
#include "storage/backup/files.hpp"
#include "storage/backup/walk.hpp"
#include "storage/rocks/rocks_journal.hpp"
#include "storage/rocks/wal.hpp"

namespace bv::storage {
namespace {

namespace fs = std::filesystem;

class backup {
 public:
  backup(log_db& log, const std::string& folder, const backup_options& options)
      : log_(log), folder_(folder), options_(options), at_(options.task) {}

  result<backup_manifest> make(std::uint16_t shards) {
    BV_TRY(make_folder(files_folder()));
    BV_TRY(log_.with_files([this](const auto& files) { return take(files); }));
    BV_TRY(mend_wal(files_folder(), options_.task.seam, {}));
    BV_TRY(summarize());
    BV_TRY(walk(shards));
    made_.created_at = options_.created_at;
    made_.program = options_.program;
    made_.replicated = !options_.through.empty();
    BV_ASSIGN(made_.store, log_.identity());
    BV_TRY(sync_folder(files_folder()));
    BV_TRY(publish());
    return std::move(made_);
  }

 private:
  [[nodiscard]] std::string files_folder() const { return folder_ + "/log"; }

  /// Names or copies for the files of this moment. Copies of what never changes are summed up on the way.
  result<void> take(const std::vector<live_file>& files) {
    std::uint64_t total = 0;
    for (const auto& file : files) total += file.size;
    at_.begin("copy", total);
    for (const auto& file : files) {
      const auto to = files_folder() + "/" + file.name;
      backup_file entry{"log/" + file.name, 0, {}};
      if (!file.contents.empty()) {
        BV_TRY(write_file(to, file.contents, options_.task.seam));
      } else {
        BV_ASSIGN(const bool linked, link(file, to));
        if (!linked) BV_TRY(copy(file, to, entry));
      }
      made_.files.push_back(std::move(entry));
    }
    std::ranges::sort(made_.files, {}, &backup_file::name);
    return {};
  }

  result<bool> link(const live_file& file, const std::string& to) const {
    if (!file.immutable) return false;
    return link_file(file.path, to, options_.task.seam);
  }

  result<void> copy(const live_file& file, const std::string& to, backup_file& entry) {
    BV_ASSIGN(const auto sum, copy_file(file.path, to, file.size, at_));
    if (file.immutable) entry = {entry.name, sum.size, sum.digest};
    return {};
  }

  /// Of links, and of the write-ahead log, whose torn tail is cut by now.
  result<void> summarize() {
    for (auto& file : made_.files) {
      if (file.size != 0) continue;
      BV_ASSIGN(const auto sum, digest_file(folder_ + "/" + file.name, at_));
      file.size = sum.size;
      file.digest = sum.digest;
    }
    at_.end();
    return {};
  }

  result<void> walk(std::uint16_t shards) {
    store_options how;
    how.folder = folder_;
    how.shards = shards;
    BV_ASSIGN(const auto copied, log_db::open_to_read(how));
    at_.begin("check", size_of(made_));
    for (std::uint16_t i = 0; i < shards; ++i) {
      const auto through = options_.through.empty() ? copied->bounds(shard_id{i}).last : options_.through.at(i);
      BV_ASSIGN(const auto extent, walk_shard(*copied, shard_id{i}, through, at_, [](const batch_reader&) {}));
      made_.shards.push_back(extent);
    }
    at_.end();
    return {};
  }

  result<void> publish() {
    const auto path = folder_ + "/" + manifest_name;
    BV_TRY(write_file(path + ".part", to_json(made_), options_.task.seam));
    BV_TRY(rename_durably(path + ".part", path));
    const auto parent = fs::path(folder_).parent_path().string();
    return sync_folder(parent.empty() ? "." : parent);
  }

  log_db& log_;
  const std::string& folder_;
  const backup_options& options_;
  pace at_;
  backup_manifest made_;
};

/// Makes the folder if need be; `made` says whether.
result<void> prepare(const std::string& folder, bool& made) {
  std::error_code code;
  made = fs::create_directories(folder, code);
  if (!code && !fs::is_empty(folder, code))
    return failure(error_kind::conflict, "backup_folder_not_empty",
                   "a backup goes into an empty or new folder; this one holds something", folder);
  if (code)
    return failure(error_kind::unavailable, "disk_failed", "can't make the backup's folder: " + code.message(), folder);
  return {};
}

}  // namespace

result<backup_manifest> back_up(const store& running, const std::string& folder, const backup_options& options) {
  auto* const journal = dynamic_cast<rocks_journal*>(running.log.get());
  if (!journal)
    return failure(error_kind::invalid, "backup_unsupported", "only a store on real files can be backed up");
  auto& log = journal->database();
  BV_ASSERT(options.through.empty() || options.through.size() == log.shards(), "a backup needs a limit for each shard");
  for (std::uint16_t i = 0; i < log.shards(); ++i)
    if (log.bounds(shard_id{i}).first > log_index{1})
      return failure(error_kind::invalid, "beginning_dropped",
                     "retention dropped the beginning of the log; what is derived from it can't be computed again",
                     "shard " + std::to_string(i));
  bool made = false;
  BV_TRY(prepare(folder, made));
  auto outcome = backup(log, folder, options).make(log.shards());
  if (outcome) return outcome;
  std::error_code ignored;
  fs::remove_all(folder + "/log", ignored);
  fs::remove(folder + "/" + manifest_name + ".part", ignored);
  if (made) fs::remove(folder, ignored);
  return outcome;
}

}  // namespace bv::storage
