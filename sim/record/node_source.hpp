#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocols/schema/contract.hpp"
#include "sim/record/source.hpp"

namespace bv::sim {

/// What a node answered to a GET.
struct node_answer {
  unsigned status = 0;
  std::string etag, body;
};
/// Asks a node for a path, with its query; blocks. Errors are of the connection: whatever the node says is an answer.
using node_getter = std::function<result<node_answer>(const std::string& target)>;

/// A running node, by its HTTP API as anybody sees it; `contracts` must outlive the source. Errors: `not_a_node` (somebody
/// else answers there), `node_refused` (with what it says), and the getter's.
result<std::unique_ptr<event_source>> open_node_source(node_getter get,
                                                       std::vector<const schema::aggregate_contract*> contracts);

}  // namespace bv::sim
