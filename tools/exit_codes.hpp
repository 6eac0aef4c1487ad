#pragma once

namespace bv::tools {

/// What the commands of `bv` end with. Users rely on it: the work failed; or it was asked wrongly, on the command line or in a config.
inline constexpr int exit_done = 0, exit_failed = 1, exit_usage = 2;

}  // namespace bv::tools
