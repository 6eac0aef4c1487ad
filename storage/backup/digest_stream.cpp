#include "storage/backup/digest_stream.hpp"

#include <xxhash.h>

#include "protocols/schema/base/assert.hpp"

namespace bv::storage {

digest_stream::digest_stream() : state_(XXH3_createState()) {
  BV_ASSERT(state_ && XXH3_128bits_reset(state_) == XXH_OK, "no memory for a digest");
}

digest_stream::~digest_stream() {
  XXH3_freeState(state_);
}

void digest_stream::add(bytes_view piece) {
  BV_ASSERT(XXH3_128bits_update(state_, piece.data(), piece.size()) == XXH_OK, "a digest refuses its input");
}

hash128_value digest_stream::value() const {
  const auto made = XXH3_128bits_digest(state_);
  return {made.high64, made.low64};
}

}  // namespace bv::storage
