#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bv::chaos {

/// What `bv chaos run` was asked for.
struct chaos_command_options {
  std::uint32_t nodes = 3;
  std::uint16_t shards = 16;
  std::uint32_t clients = 16;
  std::uint32_t seconds = 0, kills = 0, partitions = 0;  ///< 0: not said
  std::optional<std::uint64_t> seed;                     ///< nothing: one is drawn
  std::string faults;   ///< separated by commas; empty: all that the network allows
  std::string network;  ///< "loopback" or "namespaces"; empty: namespaces for root
  std::string folder;   ///< empty: one of its own here, which goes if all was well
  std::string report_file;  ///< the JSON report goes there too
  bool json = false;
};

/// `bv chaos run`. The report goes to standard output, what happens meanwhile to standard error. Exit code: 0 all checks passed, 1 one did
/// not or the run could not be made, 2 it was asked wrongly. Call it on the main thread, before there are others.
int run_chaos_command(const chaos_command_options& options);

}  // namespace bv::chaos
