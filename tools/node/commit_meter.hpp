#pragma once

#include "actors/runtime/metrics.hpp"
#include "storage/store.hpp"

namespace bv::tools {

/// Turns what the journal tells about its commits, which are sums since it was opened, into one observation for
/// each commit. observe() belongs to the journal's writer thread; the measures may be read from any.
class commit_meter {
 public:
  void observe(const storage::commit_stats& so_far);

  runtime::histogram batches;   ///< in one commit
  runtime::histogram records;   ///< in one commit
  runtime::histogram write_us;  ///< one write with its fsync
  runtime::counter size_bytes;

 private:
  storage::commit_stats last_;
};

}  // namespace bv::tools
