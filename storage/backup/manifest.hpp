#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

namespace bv::storage {

/// What a backup has of one shard's log.
struct shard_extent {
  log_index first{1};  ///< greater than `last` if there is nothing
  log_index last;
  event_offset first_offset{1};
  event_offset last_offset;
  term_number last_term;
  hash128_value digest;  ///< of the bytes of all its batches, one after the other
  friend bool operator==(const shard_extent&, const shard_extent&) = default;
};

struct backup_file {
  std::string name;  ///< inside the backup's folder: `log/000012.sst`
  std::uint64_t size = 0;
  hash128_value digest;
  friend bool operator==(const backup_file&, const backup_file&) = default;
};

/// What a backup says of itself, in `manifest.json`, which is written last: a folder without it is no backup. It may
/// have batches beyond `shards`; a restore cuts there.
struct backup_manifest {
  std::string store;      ///< identity of the log that it was made of
  timestamp created_at;
  std::string program;    ///< version of the program that made it
  bool replicated = false;  ///< ends at what the node knew to be committed; other nodes may have known more
  std::vector<shard_extent> shards;  ///< by number
  std::vector<backup_file> files;    ///< by name
  friend bool operator==(const backup_manifest&, const backup_manifest&) = default;
};

constexpr const char* manifest_name = "manifest.json";

/// JSON; its last member is a checksum of all before it.
std::string to_json(const backup_manifest& of);

/// Errors: `backup_damaged` (the text is not as it was written), `backup_format_unknown`; the context is `manifest.json`.
result<backup_manifest> parse_manifest(std::string_view text);

/// Reads that of a backup's folder. Errors: as parse_manifest's; `not_a_backup` (kind not_found) if there is none.
result<backup_manifest> read_manifest(const std::string& folder);

/// All bytes of the files.
std::uint64_t size_of(const backup_manifest& of);

}  // namespace bv::storage
