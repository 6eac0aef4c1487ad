#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/derived_store.hpp"
#include "storage/disk.hpp"
#include "storage/journal.hpp"
#include "storage/table.hpp"

namespace bv::storage {

enum class durability {
  fsync,  ///< an append is durable when it survives a power cut
  os      ///< … when it survives a crash of the process; fsync happens in the background
};

/// Seen by whoever exports metrics; all counts since open. Called on the writer thread: be quick.
struct commit_stats {
  std::uint64_t batches = 0, records = 0, size_bytes = 0;
  std::int64_t write_ns = 0;  ///< the whole write, fsync included
};

struct store_options {
  std::string folder;         ///< data_dir; the store makes `log/` and `derived/` inside and locks it
  std::uint16_t shards = 16;  ///< fixed at creation: another number later is an error
  durability durable = durability::fsync;
  /// What is derived is brought up to the log's end. Not of a log that is replicated: its end may never be committed, so
  /// whoever knows what is applies it.
  bool catches_up = true;
  /// A shard whose log does not check out at its ends opens all the same, and says so in its bounds: its owner can mend it with
  /// what other nodes have. What keeps all shards from being read (the write-ahead log, votes) is an error as ever.
  bool opens_rotten = false;
  std::function<void(const commit_stats&)> on_commit;
  std::function<void(const std::string& line)>
      on_note;           ///< what an operator should read: tail cut, rebuild …
  disk* seam = nullptr;  ///< stands before the files, for tests; must outlive the store
};

/// Everything that a node keeps on disk.
struct store {
  store() = default;
  store(std::unique_ptr<journal> l, std::unique_ptr<derived_store> d, std::unique_ptr<table_store> t);
  store(store&&) = default;
  /// Lets go of what it had, in the right order, without a flush.
  store& operator=(store&& other) noexcept;
  ~store();

  std::unique_ptr<journal> log;
  std::unique_ptr<derived_store> derived;
  std::unique_ptr<table_store> tables;

  /// Stops the writer, flushes what is derived, closes in the right order.
  result<void> close();
};

/// Opens or creates. Errors: `data_dir_locked` (another process has it), `journal_corrupt` (names file or
/// shard and index), `shards_changed`, `data_dir_unusable`.
result<store> open_rocks_store(const store_options& options);

}  // namespace bv::storage
