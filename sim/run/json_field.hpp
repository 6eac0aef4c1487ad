#pragma once

#include <optional>
#include <string>

namespace bv::sim {

/// A field of a JSON object by its path ("lines.0.sku"); text without quotes, anything else as JSON has it.
std::optional<std::string> json_field(const std::string& json, std::string path);

/// Takes a top-level field out of a JSON object. Nothing, and no change, if it is not there or the text is no object.
std::optional<std::string> take_json_field(std::string& json, const std::string& name);

}  // namespace bv::sim
