#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/record/source.hpp"

namespace bv::sim {

/// The data directory of a node that is not running. It is opened as the node itself would open it: what a crash left
/// unfinished is finished, no event is added. `shards`: as many as the node was made with. Errors: `data_dir_missing`,
/// `data_dir_unknown` (no node's), `data_dir_locked`, and those of storage::open_rocks_store.
result<std::unique_ptr<event_source>> open_store_source(const std::string& folder, std::uint16_t shards);

}  // namespace bv::sim
