#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace bv::tools {

/// Adds `bv chaos …`. What was asked for is put into `run`, which returns the exit code.
void add_chaos_commands(CLI::App& app, std::function<int()>& run);

}  // namespace bv::tools
