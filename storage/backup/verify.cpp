#include "storage/backup/verify.hpp"

#include <algorithm>
#include <filesystem>

#include "storage/backup/files.hpp"
#include "storage/backup/walk.hpp"

namespace bv::storage {
namespace {

namespace fs = std::filesystem;

tl::unexpected<error> damaged(std::string what, std::string where) {
  return failure(error_kind::internal, "backup_damaged", std::move(what), std::move(where));
}

/// The database would take a file that nobody vouches for as its own.
result<void> check_names(const std::string& folder, const backup_manifest& of) {
  std::error_code code;
  for (fs::directory_iterator at(folder + "/log", code), end; !code && at != end; at.increment(code)) {
    const auto name = "log/" + at->path().filename().string();
    if (!std::ranges::binary_search(of.files, name, {}, &backup_file::name))
      return damaged("the manifest does not know this file", name);
  }
  if (code) return damaged("the backup's files can't be listed: " + code.message(), "log");
  return {};
}

result<void> check_file(const std::string& folder, const backup_file& file, pace& at) {
  const auto path = folder + "/" + file.name;
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code) return damaged("a file of the backup is not there: " + code.message(), file.name);
  if (size != file.size)
    return damaged("a file of the backup has " + std::to_string(size) + " bytes instead of " + std::to_string(file.size),
                   file.name);
  BV_ASSIGN(const auto sum, digest_file(path, at));
  if (sum.digest != file.digest) return damaged("the checksum of a file of the backup does not match", file.name);
  return {};
}

result<void> check_shard(const shard_extent& expected, const shard_extent& found, shard_id shard) {
  if (found == expected) return {};
  return damaged("the log is not what the manifest says: it has batches " + std::to_string(found.first.value) + " to " +
                     std::to_string(found.last.value) + " instead of " + std::to_string(expected.first.value) + " to " +
                     std::to_string(expected.last.value) + ", or other bytes in them",
                 "shard " + std::to_string(shard.value));
}

}  // namespace

result<backup_manifest> verify_backup(const std::string& folder, const backup_task& task, const batch_watcher& see) {
  BV_ASSIGN(auto manifest, read_manifest(folder));
  pace at(task);
  at.begin("checksum", size_of(manifest));
  BV_TRY(check_names(folder, manifest));
  for (const auto& file : manifest.files) BV_TRY(check_file(folder, file, at));

  store_options how;
  how.folder = folder;
  how.shards = static_cast<std::uint16_t>(manifest.shards.size());
  BV_ASSIGN(const auto log, log_db::open_to_read(how));
  at.begin("check", size_of(manifest));
  for (std::uint16_t i = 0; i < how.shards; ++i) {
    const auto look = [&](const batch_reader& batch) {
      if (see) see(shard_id{i}, batch);
    };
    BV_ASSIGN(const auto found, walk_shard(*log, shard_id{i}, manifest.shards[i].last, at, look));
    BV_TRY(check_shard(manifest.shards[i], found, shard_id{i}));
  }
  at.end();
  return manifest;
}

}  // namespace bv::storage
