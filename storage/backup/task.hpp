#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

#include "storage/disk.hpp"

namespace bv::storage {

/// How far a long piece of work is. Each thing that it does counts from nothing.
struct backup_progress {
  std::string_view doing;  ///< "copy", "check": valid for ever
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;
};

/// How a long piece of work is run: how fast, who watches, who may end it. Everything may be left out.
struct backup_task {
  std::uint64_t bytes_per_s_max = 0;  ///< what it may read in a second; 0: what the disk gives
  std::function<void(const backup_progress&)> on_progress;  ///< on the working thread, once a MiB at most: be quick
  std::stop_token stop;   ///< asked a few times a second; then the work fails with `cancelled`
  disk* seam = nullptr;   ///< stands before the files that it writes, for tests
};

}  // namespace bv::storage
