#include "tools/node/commit_meter.hpp"

namespace bv::tools {

void commit_meter::observe(const storage::commit_stats& so_far) {
  batches.observe(so_far.batches - last_.batches);
  records.observe(so_far.records - last_.records);
  write_us.observe(static_cast<std::uint64_t>(so_far.write_ns - last_.write_ns) / 1000);
  size_bytes.add(so_far.size_bytes - last_.size_bytes);
  last_ = so_far;
}

}  // namespace bv::tools
