// `bv` as it was one feature level ago: linked instead of actors/runtime/feature_level.cpp. A program of its own, so that the
// one that people run has no way to say less than it understands.
#include "actors/runtime/features.hpp"

namespace bv::runtime {

std::uint32_t own_feature_level() { return 1; }

}  // namespace bv::runtime
