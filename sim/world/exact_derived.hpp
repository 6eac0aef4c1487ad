#pragma once

#include <memory>

#include "storage/derived_store.hpp"

namespace bv::sim {

/// A derived store whose every answer depends on its content alone, so that the tier on real files does what the one in
/// memory does: whether something is certainly absent would else depend on filters and caches.
std::unique_ptr<storage::derived_store> make_exact_derived(std::unique_ptr<storage::derived_store> behind);

}  // namespace bv::sim
