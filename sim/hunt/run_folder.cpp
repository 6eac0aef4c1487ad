#include "sim/hunt/run_folder.hpp"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

namespace bv::sim {

run_folder::run_folder(const std::string& parent) {
  const auto where = parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(parent);
  path_ = (where / "bv-sim-XXXXXX").string();
  if (!::mkdtemp(path_.data())) path_.clear();
}

run_folder::~run_folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace bv::sim
