#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <string>

#include "protocols/schema/base/result.hpp"

namespace bv::tools {

/// Which node is meant: by its data folder, or by the config that it runs on. Neither: the one on the default config, which
/// the environment may change.
struct node_place {
  std::string data_dir, config_file;
};

/// Its data folder. Error kind invalid: the config can't be read; the context is file:line.
result<std::string> data_dir_of(const node_place& where);

/// Makes the node that serves `data_dir` do something and waits for the end; `progress` sees what it tells meanwhile. Errors:
/// `no_node` (kind unavailable), what the operation says, and as http_client's.
result<boost::json::object> ask_node(const std::string& data_dir, const std::string& operation,
                                     const boost::json::object& arguments,
                                     const std::function<void(const boost::json::object&)>& progress);

}  // namespace bv::tools
