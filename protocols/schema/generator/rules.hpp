#pragma once

#include <capnp/schema.capnp.h>

#include <vector>

namespace bv::generator {

/// Refuses annotations that would have no effect or no meaning, so that a slip in a contract is found when it is
/// compiled: a limit on a field that has none, a route whose braces name no field. Throws std::runtime_error with the
/// place and what would be right.
void check_rules(capnp::schema::CodeGeneratorRequest::RequestedFile::Reader requested,
                 const std::vector<capnp::schema::Node::Reader>& nodes);

}  // namespace bv::generator
