#pragma once

#include <string>

namespace bv::tools {

struct node_command_options {
  std::string config_file;  ///< empty: the embedded default
  bool check_only = false;
};

/// `bv node`: runs a node until SIGTERM or SIGINT. Call it on the main thread, before there are others: it takes
/// over the process's signals. Returns the exit code: 0 stopped as asked, 1 the node could not do its work, 2 the
/// config is wrong.
int run_node_command(const node_command_options& options);

}  // namespace bv::tools
