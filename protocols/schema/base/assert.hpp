#pragma once

namespace bv {

/// Prints the broken expectation with its place and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line, const char* message);

}  // namespace bv

/// States what must hold if the code is right. On in release too: a node that has lost its invariants
/// must stop before it acknowledges anything more. Never use it for input, disks or networks.
#define BV_ASSERT(expression, message) \
  ((expression) ? static_cast<void>(0) : ::bv::assertion_failed(#expression, __FILE__, __LINE__, message))
