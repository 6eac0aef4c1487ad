#pragma once

#include <string_view>

namespace bv::schema {

// What the document says of every node, whatever contracts it serves. JSON.

/// Members of #/components but `schemas`.
std::string_view fixed_components();
/// Members of #/components/schemas: Problem, Receipt, EventPage, …
std::string_view fixed_schemas();
/// Members of #/paths: the event log and the node's own resources.
std::string_view fixed_paths();

}  // namespace bv::schema
