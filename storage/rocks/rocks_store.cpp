// Opening order: the folder's lock, the log with its checks, then what is derived, brought up to the log's
// end.
#include <filesystem>

#include "storage/replay.hpp"
#include "storage/rocks/derived_db.hpp"
#include "storage/rocks/folder_lock.hpp"
#include "storage/rocks/log_db.hpp"
#include "storage/rocks/rocks_derived.hpp"
#include "storage/rocks/rocks_journal.hpp"
#include "storage/rocks/rocks_tables.hpp"
#include "storage/store.hpp"

namespace bv::storage {
namespace {

/// How often a long replay says where it is.
constexpr std::uint64_t progress_every_batches = 100'000;
/// What a start replayed is flushed if it was that much. Else a node that is killed again and again before it has
/// written enough to flush would replay all that its earlier lives wrote, and more at each start.
constexpr std::uint64_t batches_before_flush = 1'000;

std::string derived_folder(const store_options& options) {
  return options.folder + "/derived";
}

void note(const store_options& options, const std::string& line) {
  if (options.on_note) options.on_note(line);
}

/// Opens the derived database if it belongs to this log and is not ahead of it; else starts a new one.
result<std::shared_ptr<derived_db>> open_derived(const store_options& options, journal& log,
                                                 const std::string& log_identity) {
  const auto folder = derived_folder(options);
  BV_ASSIGN(std::shared_ptr<derived_db> db, derived_db::open(folder, options.shards, options.seam));
  BV_ASSIGN(const auto origin, db->origin());
  std::string reason;
  if (!origin.empty() && origin != log_identity) reason = "it belongs to another log";
  for (std::uint16_t i = 0; i < options.shards && reason.empty(); ++i) {
    const auto mark = db->durable_through(shard_id{i});
    const auto last = log.bounds(shard_id{i}).last;
    if (mark <= last) continue;
    // With "os" a power cut may take the end of the log; with "fsync" nothing may.
    if (options.durable == durability::fsync)
      return failure(
          error_kind::internal, "journal_corrupt",
          "the log ends at batch " + std::to_string(last.value) + ", but batch " +
              std::to_string(mark.value) +
              " was committed: acknowledged batches are missing; restore log/ from a backup, or remove "
              "derived/ to accept the loss",
          "shard " + std::to_string(i));
    reason = "it is ahead of the log, whose end was lost";
  }
  if (!reason.empty()) {
    note(options, "derived: " + folder + " is removed: " + reason);
    db.reset();
    std::error_code code;
    std::filesystem::remove_all(folder, code);
    if (code)
      return failure(error_kind::unavailable, "data_dir_unusable", "can't remove it: " + code.message(),
                     folder);
    BV_ASSIGN(db, derived_db::open(folder, options.shards, options.seam));
  }
  if (origin != log_identity || !reason.empty()) BV_TRY(db->set_origin(log_identity));
  return db;
}

/// Applies to `derived` what the log holds beyond its marks.
result<void> catch_up(const store_options& options, journal& log, rocks_derived& derived) {
  std::uint64_t missing = 0, done = 0, told = 0;
  for (std::uint16_t i = 0; i < options.shards; ++i) {
    missing += log.bounds(shard_id{i}).last.value - derived.durable_through(shard_id{i}).value;
  }
  if (missing >= progress_every_batches)
    note(options, "derived: replaying " + std::to_string(missing) + " batches of the log");
  for (std::uint16_t i = 0; i < options.shards; ++i) {
    const shard_id shard{i};
    auto at = derived.durable_through(shard);
    BV_TRY(replay_log(
        log, shard, at, [&](log_index through, std::vector<entity_update> updates) -> result<void> {
          // Into memory: the start need not wait until it is written.
          derived.apply(shard, through, std::move(updates));
          done += through.value - at.value;
          at = through;
          if (done - told >= progress_every_batches) {
            told = done;
            note(options,
                 "derived: replayed " + std::to_string(done) + " of " + std::to_string(missing) + " batches");
          }
          return {};
        }));
  }
  if (told != 0) note(options, "derived: replayed all " + std::to_string(done) + " batches");
  if (done >= batches_before_flush) derived.flush_soon();
  return {};
}

}  // namespace

result<store> open_rocks_store(const store_options& options) {
  BV_ASSIGN(auto lock, folder_lock::take(options.folder));
  BV_ASSIGN(auto log, log_db::open(options));
  BV_ASSIGN(const auto identity, log->identity());
  auto opened_log = std::make_unique<rocks_journal>(std::move(log),
                                                    std::make_shared<folder_lock>(std::move(lock)), options);
  auto& journal = *opened_log;
  BV_ASSIGN(auto db, open_derived(options, journal, identity));
  auto derived =
      std::make_unique<rocks_derived>(db, options.shards, [&journal] { return journal.written_bytes(); });
  db->set_hooks({[&journal] { return journal.sync(); }, [&journal](const error& why) { journal.fail(why); }});
  if (options.catches_up) BV_TRY(catch_up(options, journal, *derived));
  auto tables = make_rocks_tables(db);
  return store(std::move(opened_log), std::move(derived), std::move(tables));
}

}  // namespace bv::storage
