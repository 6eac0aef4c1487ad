#pragma once

#include <optional>
#include <string>

namespace bv::sim {

/// A field of a JSON object by its path ("lines.0.sku"); text without quotes, anything else as JSON has it.
std::optional<std::string> json_field(const std::string& json, std::string path);

}  // namespace bv::sim
