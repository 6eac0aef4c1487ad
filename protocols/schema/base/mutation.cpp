#include "protocols/schema/base/mutation.hpp"

#ifdef BV_MUTANTS

namespace bv {
namespace {

mutation chosen = mutation::none;

}  // namespace

void choose_mutation(mutation which) { chosen = which; }

bool mutated(mutation which) { return chosen == which; }

}  // namespace bv

#endif
