#pragma once

#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::bench {

// What results are a ratio to: measured in the same run, on the same disk.

/// One thread writes batches of 512 records of 200 bytes into a fresh RocksDB, each batch synced. `folder` is made.
result<double> raw_rocksdb_records_per_second(const std::string& folder, double seconds);

/// Median of appending 512 bytes to a file and calling fdatasync. `folder` is made.
result<double> fdatasync_p50_ms(const std::string& folder, double seconds);

}  // namespace bv::bench
