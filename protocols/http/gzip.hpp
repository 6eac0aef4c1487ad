#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bv::http {

/// gzip (RFC 1952), at the fastest level: it runs on io threads.
std::string gzip(std::string_view plain);

/// The reverse; nothing if it is not gzip, or larger than `size_bytes_max`.
std::optional<std::string> gunzip(std::string_view packed, std::size_t size_bytes_max);

}  // namespace bv::http
