#pragma once

#include <optional>
#include <string>

#include "actors/runtime/founding.hpp"

namespace bv::tools {

/// What a data folder is in a cluster: kept in its file `cluster.json`, for ever.
struct node_identity {
  runtime::node_id node;                     ///< drawn once
  std::optional<runtime::found_cluster> cluster;  ///< nothing until it belongs to one; its members are those of that day
};

/// Nothing if the folder has none. Errors: `identity_corrupt`, with the file's name.
result<std::optional<node_identity>> read_identity(const std::string& data_dir);
/// Whole or not at all, and durable when it returns. Errors: `write_failed`.
result<void> write_identity(const std::string& data_dir, const node_identity& identity);

}  // namespace bv::tools
