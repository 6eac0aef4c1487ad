// The one main() of all doctest executables.
#ifdef BV_MUTANTS

// With a deliberate bug in the code: BV_MUTANT=acknowledge-before-fsync build-mutants/tests/actors/runtime/runtime_test
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "sim/hunt/mutants.hpp"

int main(int argc, char** argv) {
  if (const char* const name = std::getenv("BV_MUTANT")) {
    const auto planted = bv::sim::mutation_called(name);
    if (!planted) return std::fprintf(stderr, "there is no mutant '%s'\n", name), 2;
    bv::choose_mutation(*planted);
  }
  return doctest::Context(argc, argv).run();
}

#else

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#endif
