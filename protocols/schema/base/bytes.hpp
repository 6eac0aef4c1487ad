#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace bv {

/// Opaque bytes: an encoded Cap'n Proto message, a journal batch. `std::string` because it holds short
/// values in place and RocksDB, Asio and the tests all take it.
using bytes = std::string;
using bytes_view = std::string_view;
/// Bytes that several hold and none changes.
using shared_bytes = std::shared_ptr<const bytes>;

}  // namespace bv
