#pragma once

#include <memory>

#include "actors/runtime/aggregate.hpp"
#include "tests/actors/runtime/counter.hpp"

namespace bv::test {

/// The aggregate type of counter.capnp.
std::shared_ptr<const runtime::aggregate_type> make_counter();

}  // namespace bv::test
