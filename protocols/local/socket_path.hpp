#pragma once

#include <string>
#include <utility>

#include "protocols/schema/base/result.hpp"

namespace bv::local {

/// A Unix socket's path as a name that fits its address: that has room for 107 bytes, and data folders may lie deeper. A path
/// that is too long is reached through a descriptor of its folder.
class socket_path {
 public:
  /// Error `no_such_folder` (kind not_found): the path's folder can't be opened; `bad_socket_path` (kind invalid): its last part
  /// alone is too long.
  static result<socket_path> of(const std::string& path);
  socket_path(socket_path&& other) noexcept : folder_(std::exchange(other.folder_, -1)), name_(std::move(other.name_)) {}
  socket_path& operator=(socket_path&&) = delete;
  ~socket_path();

  /// For bind() and connect(), as long as this lives.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  socket_path(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  int folder_;
  std::string name_;
};

}  // namespace bv::local
