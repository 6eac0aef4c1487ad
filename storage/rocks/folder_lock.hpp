#pragma once

#include <string>
#include <utility>

#include "protocols/schema/base/result.hpp"

namespace bv::storage {

/// Holds a data folder for this process until it is destroyed; the kernel lets go of it if the process dies.
class folder_lock {
 public:
  /// Makes the folder if need be. Errors: `data_dir_locked` (says by which process), `data_dir_unusable`.
  static result<folder_lock> take(const std::string& folder);

  folder_lock(folder_lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  folder_lock& operator=(folder_lock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~folder_lock();

 private:
  explicit folder_lock(int file) : file_(file) {}
  int file_;
};

}  // namespace bv::storage
