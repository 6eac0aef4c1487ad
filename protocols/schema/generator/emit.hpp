#pragma once

#include <string>

#include "protocols/schema/generator/model.hpp"

namespace bv::generator {

/// `cart.hpp`: the value types and what can be done with them; includes nothing of Cap'n Proto.
std::string emit_header(const file& from);
/// `cart.wire.hpp`: conversion to and from Cap'n Proto's readers and builders, for the generated sources.
std::string emit_wire_header(const file& from);
/// `cart.cpp`.
std::string emit_source(const file& from);

}  // namespace bv::generator
