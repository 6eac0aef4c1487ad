#include "storage/backup/restore.hpp"

#include <algorithm>
#include <filesystem>

#include "storage/backup/files.hpp"
#include "storage/backup/moments.hpp"
#include "storage/backup/verify.hpp"
#include "storage/rocks/folder_lock.hpp"

namespace bv::storage {
namespace {

namespace fs = std::filesystem;

/// Replication keeps its places in the log among the cursors; they count batches, not events.
constexpr std::string_view replication_prefix = "replication/";

result<void> check_through(const backup_manifest& backup, const std::vector<event_offset>& through) {
  if (through.size() != backup.shards.size())
    return failure(error_kind::invalid, "shards_changed",
                   "the backup has " + std::to_string(backup.shards.size()) + " shards, not " + std::to_string(through.size()));
  for (std::size_t i = 0; i < through.size(); ++i)
    if (through[i] > backup.shards[i].last_offset)
      return failure(error_kind::invalid, "beyond_backup",
                     "the backup ends at offset " + std::to_string(backup.shards[i].last_offset.value) + ", before " +
                         std::to_string(through[i].value),
                     "shard " + std::to_string(i));
  return {};
}

/// Finds where each shard is cut while the backup is verified.
class cutter {
 public:
  explicit cutter(const restore_options& options) : options_(options) {}

  void see(shard_id shard, const batch_reader& batch) {
    if (shard.value >= cuts_.size()) cuts_.resize(shard.value + std::size_t{1});
    auto& cut = cuts_[shard.value];
    cut.reached = cut.reached || is_later(shard, batch);
    if (!cut.reached) cut.kept = {batch.index(), event_offset{batch.next_offset().value - 1}, batch.term()};
  }

  std::vector<restored_shard> shards(const backup_manifest& backup) {
    cuts_.resize(backup.shards.size());
    std::vector<restored_shard> kept;
    for (const auto& cut : cuts_) kept.push_back(cut.kept);
    return kept;
  }

 private:
  bool is_later(shard_id shard, const batch_reader& batch) const {
    if (options_.through && shard.value < options_.through->size() && batch.event_count() > 0 &&
        batch.next_offset() > (*options_.through)[shard.value].next())
      return true;
    // Control batches have no time of their own: they say 0.
    return options_.until && batch.written_at() > *options_.until;
  }

  struct cut {
    bool reached = false;
    restored_shard kept;
  };
  const restore_options& options_;
  std::vector<cut> cuts_;
};

result<void> check_target(const fs::path& data_dir) {
  std::error_code code;
  if (!fs::exists(data_dir, code)) return {};
  if (!fs::is_directory(data_dir, code) || !fs::is_empty(data_dir, code))
    return failure(error_kind::conflict, "data_dir_not_empty", "a backup is restored into an empty or new folder only",
                   data_dir.string());
  // A mount point can't be replaced by a folder that has its name.
  BV_ASSIGN(const bool mounted, is_mount_point(data_dir.string()));
  if (mounted)
    return failure(error_kind::invalid, "data_dir_is_mount_point",
                   "a file system is mounted here; restore into a folder inside it, and name that as data_dir",
                   data_dir.string());
  return {};
}

result<void> copy_files(const std::string& backup, const backup_manifest& of, const std::string& to, const backup_task& task) {
  pace at(task);
  at.begin("copy", size_of(of));
  for (const auto& file : of.files) {
    BV_ASSIGN(const auto copied, copy_file(backup + "/" + file.name, to + "/" + file.name, file.size, at));
    if (copied.digest != file.digest)
      return failure(error_kind::internal, "backup_damaged", "a file of the backup changed while it was restored", file.name);
  }
  return sync_folder(to + "/log");
}

result<void> cut_shard(log_db& log, shard_id shard, const restored_shard& to) {
  if (to.last < log.bounds(shard).last) log.erase_from(shard, to.last.next());
  BV_ASSIGN(const auto state, log.read_hard_state(shard));
  if (state != hard_state{}) log.put_hard_state(shard, {std::max(state.term, to.last_term), 0});
  return {};
}

/// By shard: how far a subscription may say that it has come.
result<std::vector<event_offset>> subscriptions_through(log_db& log, const restore_plan& plan) {
  std::vector<event_offset> through;
  std::vector<left_out> gone;
  for (std::uint16_t i = 0; i < plan.shards.size(); ++i) {
    through.push_back(plan.shards[i].last_offset);
    gone.push_back({plan.shards[i].last.next(), log.bounds(shard_id{i}).last});
  }
  BV_ASSIGN(auto moment, first_left_out(log, gone));
  // A node of a cluster hears of cursors before it has what they stand for.
  if (!moment && plan.backup.replicated) moment = plan.backup.created_at;
  if (!moment) return through;
  for (std::uint16_t i = 0; i < through.size(); ++i) {
    BV_ASSIGN(const auto before, last_before(log, shard_id{i}, plan.shards[i].last, *moment - subscriptions_set_back));
    through[i] = before.last_offset;
  }
  return through;
}

void cut_cursor(log_db& log, const stored_cursor& cursor, const restored_shard& to, event_offset through) {
  if (cursor.subscription.starts_with(replication_prefix)) {
    if (cursor.offset.value > to.last.value) log.erase_cursor(cursor.subscription, cursor.shard);
  } else if (cursor.offset > through) {
    log.put_cursor(cursor.subscription, cursor.shard, through);
  }
}

/// Makes the copied log end where the plan says.
result<void> cut_log(const std::string& folder, const restore_plan& plan, disk* seam) {
  store_options how;
  how.folder = folder;
  how.shards = static_cast<std::uint16_t>(plan.shards.size());
  how.seam = seam;
  {
    BV_ASSIGN(const auto log, log_db::open(how));
    BV_ASSIGN(const auto through, subscriptions_through(*log, plan));
    log->begin();
    for (std::uint16_t i = 0; i < how.shards; ++i) BV_TRY(cut_shard(*log, shard_id{i}, plan.shards[i]));
    BV_ASSIGN(const auto cursors, log->cursors());
    for (const auto& cursor : cursors)
      if (cursor.shard.value < how.shards) cut_cursor(*log, cursor, plan.shards[cursor.shard.value], through[cursor.shard.value]);
    BV_TRY(log->write(true));
    BV_TRY(log->flush());
  }
  BV_ASSIGN(const auto log, log_db::open_to_read(how));
  for (std::uint16_t i = 0; i < how.shards; ++i) {
    const auto found = log->bounds(shard_id{i});
    if (found.last != plan.shards[i].last || (found.last.value != 0 && found.last_offset != plan.shards[i].last_offset))
      return failure(error_kind::internal, "restore_failed",
                     "the restored log ends at batch " + std::to_string(found.last.value) + " instead of " +
                         std::to_string(plan.shards[i].last.value),
                     "shard " + std::to_string(i));
  }
  return {};
}

/// Of what is left out, the batch that was written first says when all shards end.
result<void> cut_to_a_moment(const std::string& backup, restore_plan& plan) {
  store_options how;
  how.folder = backup;
  how.shards = static_cast<std::uint16_t>(plan.shards.size());
  BV_ASSIGN(const auto log, log_db::open_to_read(how));
  std::vector<left_out> gone;
  for (std::uint16_t i = 0; i < how.shards; ++i) gone.push_back({plan.shards[i].last.next(), plan.backup.shards[i].last});
  BV_ASSIGN(const auto moment, first_left_out(*log, gone));
  if (!moment) return {};
  for (std::uint16_t i = 0; i < how.shards; ++i) {
    BV_ASSIGN(plan.shards[i], last_before(*log, shard_id{i}, plan.shards[i].last, *moment));
  }
  return {};
}

/// Removes what an earlier restore left behind.
result<void> clear(const std::string& folder) {
  std::error_code code;
  fs::remove_all(folder + "/log", code);
  if (code) return failure(error_kind::unavailable, "disk_failed", "can't remove it: " + code.message(), folder + "/log");
  return {};
}

}  // namespace

std::uint64_t restore_plan::events() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < shards.size(); ++i)
    if (shards[i].last.value != 0) sum += shards[i].last_offset.value - (backup.shards[i].first_offset.value - 1);
  return sum;
}

std::uint64_t restore_plan::events_left_out() const {
  std::uint64_t sum = 0;
  for (const auto& shard : backup.shards) sum += shard.last_offset.value - (shard.first_offset.value - 1);
  return sum - events();
}

result<restore_plan> plan_restore(const std::string& backup, const restore_options& options) {
  if (options.through) {
    BV_ASSIGN(const auto manifest, read_manifest(backup));
    BV_TRY(check_through(manifest, *options.through));
  }
  cutter cuts(options);
  restore_plan plan;
  BV_ASSIGN(plan.backup, verify_backup(backup, options.task, [&](shard_id shard, const batch_reader& batch) { cuts.see(shard, batch); }));
  plan.shards = cuts.shards(plan.backup);
  BV_TRY(cut_to_a_moment(backup, plan));
  return plan;
}

result<restore_plan> restore(const std::string& backup, const std::string& data_dir, const restore_options& options) {
  std::error_code code;
  auto target = fs::absolute(data_dir, code).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  BV_TRY(check_target(target));
  BV_ASSIGN(auto plan, plan_restore(backup, options));
  const auto half_done = target.string() + ".restoring";
  BV_ASSIGN(const auto lock, folder_lock::take(half_done));
  BV_TRY(clear(half_done));
  BV_TRY(make_folder(half_done + "/log"));
  BV_TRY(copy_files(backup, plan.backup, half_done, options.task));
  BV_TRY(cut_log(half_done, plan, options.task.seam));
  BV_TRY(sync_folder(half_done + "/log"));
  BV_TRY(sync_folder(half_done));
  BV_TRY(rename_durably(half_done, target.string()));
  return plan;
}

}  // namespace bv::storage
