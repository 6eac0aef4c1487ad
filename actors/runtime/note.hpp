#pragma once

#include <functional>
#include <string_view>

namespace bv::runtime {

enum class note_level { info, warning, error };

/// One thing that an operator should read. Whoever assembles the node turns notes into log lines.
struct note {
  note_level level = note_level::info;
  std::string_view message;
  std::string_view entity = {};  ///< canonical address, or empty
  std::string_view trace = {};
  std::string_view correlation = {};
};

/// Threads: any. Must not block.
using note_handler = std::function<void(const note&)>;

}  // namespace bv::runtime
