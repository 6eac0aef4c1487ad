#pragma once

#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

enum class existing { refuse, replace };

/// Writes a file so that it is there whole or not at all, also after a power cut. `mode` as for chmod. Errors, with the file as
/// context: `file_exists`, `write_failed`.
result<void> write_whole_file(const std::string& file, std::string_view text, unsigned mode, existing when);

}  // namespace bv::cluster
