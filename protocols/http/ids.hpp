#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bv::http {

/// Lower-case hex of `count` bytes from the system's generator: ids that nobody can guess.
std::string random_hex(std::size_t count);

/// An id of 32 hex digits that is the same whenever the same command id asks for the same thing ("id", a
/// field's name), so that a retry meets the entity that the first try made. SHA-256: nobody can aim at
/// somebody else's.
std::string derived_hex(std::string_view command_id, std::string_view what);

}  // namespace bv::http
