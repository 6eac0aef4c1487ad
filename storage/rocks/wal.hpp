#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/disk.hpp"

namespace bv::storage {

/// Makes the write-ahead log in `folder` fit for a strict open, which finds no more damage in it: a torn tail
/// is cut at the last whole write, with a line to `on_note`; damage in front of writes that were acknowledged
/// is `journal_corrupt` with the file and the byte. What is left is durable when it returns.
result<void> mend_wal(const std::string& folder, disk* seam,
                      const std::function<void(const std::string&)>& on_note);

/// Durably removes every write after RocksDB's `sequence` from the write-ahead log: what failed must not come
/// back at the next start. The database must not write any more.
result<void> cut_wal_after(const std::string& folder, std::uint64_t sequence, disk* seam);

/// What the journal puts in front of each of its writes: everything up to `sequence` was durable when the
/// write was made. So a whole write proves that damage before it is not the trace of a power cut.
bytes encode_sync_mark(std::uint64_t sequence);

}  // namespace bv::storage
