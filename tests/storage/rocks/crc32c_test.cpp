#include "storage/rocks/crc32c.hpp"

#include <doctest/doctest.h>

namespace bv::storage {

TEST_CASE("crc32c: the examples of RFC 3720, appendix B.4") {
  bytes rising, falling;
  for (char i = 0; i < 32; ++i) {
    rising.push_back(i);
    falling.push_back(static_cast<char>(31 - i));
  }
  CHECK(crc32c(bytes(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(bytes(32, '\xff')) == 0x62a8ab43);
  CHECK(crc32c(rising) == 0x46dd794e);
  CHECK(crc32c(falling) == 0x113fdb5c);
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c("") == 0);
}

}  // namespace bv::storage
