#pragma once

#include <string>

namespace bv::sim {

/// A new folder for a run's files, which is gone with it.
class run_folder {
 public:
  /// Within `parent`; empty: where temporary files go.
  explicit run_folder(const std::string& parent);
  ~run_folder();
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  /// Empty if there is none to be had.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace bv::sim
