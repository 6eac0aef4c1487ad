#pragma once

#include <cstdint>
#include <string>

namespace bv::tools {

struct sim_record_options {
  std::string saga;      ///< its id
  std::string data_dir;  ///< of a node that is not running; or
  std::string address;   ///< of one that is: http://HOST:PORT
  std::uint16_t shards = 16;  ///< with data_dir: as many as it was made with
  std::string out_file;  ///< empty: standard output
  bool json = false;     ///< one JSON object instead of text
};

/// `bv sim record`: writes a scenario that replays a saga of production. Notes on what was left out go to standard error.
/// Exit code: 0 written, 1 not (no such saga, the node does not answer …), 2 there is no such folder or node.
int run_sim_record_command(const sim_record_options& options);

}  // namespace bv::tools
