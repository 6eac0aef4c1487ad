#pragma once

#include <cstdint>

#include "protocols/schema/base/bytes.hpp"

namespace bv::storage {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of RocksDB's files. Slicing by 8 (Intel, 2006).
std::uint32_t crc32c(bytes_view data);

}  // namespace bv::storage
