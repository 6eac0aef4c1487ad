#pragma once

#include <string>
#include <string_view>

#include "protocols/schema/base/bytes.hpp"

namespace bv::schema {

/// RFC 4648, the standard alphabet, padded.
std::string to_base64(bytes_view data);
/// False if the text is not exactly what to_base64 makes of some bytes.
bool from_base64(std::string_view text, bytes& data);

}  // namespace bv::schema
