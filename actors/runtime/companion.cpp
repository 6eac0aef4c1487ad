#include "actors/runtime/companion.hpp"

namespace bv::runtime {

std::unique_ptr<companion> aggregate_type::make_companion(const entity_key&, companion_services&) const {
  return nullptr;
}

}  // namespace bv::runtime
