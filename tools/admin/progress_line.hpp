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
  /// Of things that are counted: "shards settled: 3 of 16".
  void show_count(std::string_view doing, std::uint64_t done, std::uint64_t total);

 private:
  void show_line(std::string_view doing, std::uint64_t step, const std::string& how_far);

  std::FILE* const out_;
  const bool terminal_;
  std::string doing_;
  std::uint64_t shown_ = 0;  ///< percent, or tenths, or a count
  bool open_ = false;        ///< a line on the terminal that has no end yet
};

}  // namespace bv::tools
