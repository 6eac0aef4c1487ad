#pragma once

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/hash.hpp"

struct XXH3_state_s;

namespace bv::storage {

/// XXH3 of 128 bits over pieces: what hash128() says of them put together, and what `xxh128sum` prints. It finds
/// what went wrong by itself, at the speed of memory. Nothing here is signed: who can write a backup can write
/// its manifest too, so a hash that resists people would protect from nobody.
class digest_stream {
 public:
  digest_stream();
  ~digest_stream();
  digest_stream(const digest_stream&) = delete;
  digest_stream& operator=(const digest_stream&) = delete;

  void add(bytes_view piece);
  /// Of all pieces so far.
  [[nodiscard]] hash128_value value() const;

 private:
  XXH3_state_s* state_;
};

}  // namespace bv::storage
