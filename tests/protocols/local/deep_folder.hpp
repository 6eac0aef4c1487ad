#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace bv::local {

/// A folder with a path that is too long for a socket's address; gone when the test is.
struct deep_folder {
  deep_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bv-local-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    root = name;
    path = root + "/" + std::string(60, 'd') + "/" + std::string(60, 'e');
    std::filesystem::create_directories(path);
  }
  ~deep_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  deep_folder(const deep_folder&) = delete;
  deep_folder& operator=(const deep_folder&) = delete;
  std::string root, path;
};

}  // namespace bv::local
