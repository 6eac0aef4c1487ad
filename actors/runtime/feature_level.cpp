#include "actors/runtime/features.hpp"

namespace bv::runtime {

std::uint32_t own_feature_level() { return 2; }

}  // namespace bv::runtime
