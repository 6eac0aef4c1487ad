#pragma once

#include <span>
#include <string_view>

namespace bv::schema {

/// The one of `known` that a person most likely meant by `name`; empty if none is near. Letter case counts for
/// nothing; at most a third of the letters may differ. Names over 64 bytes are near to nothing.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace bv::schema
