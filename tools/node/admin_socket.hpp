#pragma once

#include <string>

namespace bv::tools {

/// Where the node that has this data folder listens to operators.
inline std::string admin_socket_of(const std::string& data_dir) { return data_dir + "/admin.sock"; }

}  // namespace bv::tools
