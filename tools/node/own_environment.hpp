#pragma once

#include "tools/node/config.hpp"

namespace bv::tools {

/// This process's variables that begin with `BV_`.
environment own_environment();

}  // namespace bv::tools
