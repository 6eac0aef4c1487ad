#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace bv::tools {

/// "1.5 GiB"
std::string size_text(std::uint64_t size_bytes);

/// Shows how far something is: on a terminal in one line that changes, else in a line for each tenth.
class progress_line {
 public:
  /// `out` stays the caller's.
  progress_line(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void show(std::string_view doing, std::uint64_t done_bytes, std::uint64_t total_bytes);

 private:
  std::FILE* const out_;
  const bool terminal_;
  std::string doing_;
  std::uint64_t shown_ = 0;  ///< percent, or tenths
  bool open_ = false;        ///< a line on the terminal that has no end yet
};

}  // namespace bv::tools
