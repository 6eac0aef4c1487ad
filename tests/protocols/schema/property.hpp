#pragma once

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <utility>

namespace bv::testing {

/// rc::check prints what it found and returns false; a test fails only if somebody looks at that.
template <class... Arguments>
void property(Arguments&&... arguments) {
  CHECK(rc::check(std::forward<Arguments>(arguments)...));
}

}  // namespace bv::testing
