#pragma once

#include <cstdint>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::bench {

// What results are a ratio to: measured in the same run, on the same disk.

inline constexpr std::uint32_t batch_records = 512, record_bytes = 200;

/// One thread writes batches of so many records of that size into a fresh RocksDB, each batch synced. `folder` is made.
result<double> raw_rocksdb_records_per_second(const std::string& folder, double seconds);

/// Median of appending 512 bytes to a file and calling fdatasync. `folder` is made.
result<double> fdatasync_p50_ms(const std::string& folder, double seconds);

}  // namespace bv::bench
