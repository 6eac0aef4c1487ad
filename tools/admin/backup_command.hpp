#pragma once

#include <cstdint>
#include <string>

#include "tools/admin/admin_client.hpp"

namespace bv::tools {

struct backup_command_options {
  node_place node;
  std::string to;             ///< a folder, empty or new
  std::int64_t rate_mb = 0;   ///< 10^6 bytes a second; 0: as fast as the disk
  bool as_is = false;         ///< of a cluster: without asking the others
  bool json = false;
};

struct restore_command_options {
  std::string from, data_dir;
  std::string through;        ///< a cursor of the event log; empty: all
  std::string until;          ///< RFC 3339; empty: all
  bool verify_only = false;   ///< write nothing: then no data_dir is needed
  bool json = false;
};

struct verify_command_options {
  std::string from;
  bool json = false;
};

/// `bv admin backup`, `restore`, `verify`. All return the exit code: 0 done, 1 it could not be done, 2 it was asked wrongly.
int run_backup_command(const backup_command_options& options);
int run_restore_command(const restore_command_options& options);
int run_verify_command(const verify_command_options& options);

}  // namespace bv::tools
