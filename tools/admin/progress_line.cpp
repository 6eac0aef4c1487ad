#include "tools/admin/progress_line.hpp"

#include <array>

namespace bv::tools {

std::string size_text(std::uint64_t size_bytes) {
  constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(size_bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
  return text.data();
}

progress_line::~progress_line() {
  if (open_) std::fputc('\n', out_);
}

void progress_line::show(std::string_view doing, std::uint64_t done_bytes, std::uint64_t total_bytes) {
  const auto percent = total_bytes == 0 ? 100 : done_bytes * 100 / total_bytes;
  show_line(doing, terminal_ ? percent : percent / 10, std::to_string(percent) + "% of " + size_text(total_bytes));
}

void progress_line::show_count(std::string_view doing, std::uint64_t done, std::uint64_t total) {
  show_line(doing, done, std::to_string(done) + " of " + std::to_string(total));
}

void progress_line::show_line(std::string_view doing, std::uint64_t step, const std::string& how_far) {
  if (doing == doing_ && step == shown_) return;
  if (open_ && doing != doing_) std::fputc('\n', out_);
  doing_ = doing;
  shown_ = step;
  std::fprintf(out_, "%s%s: %s%s", terminal_ ? "\r" : "", doing_.c_str(), how_far.c_str(), terminal_ ? "\033[K" : "\n");
  std::fflush(out_);
  open_ = terminal_;
}

}  // namespace bv::tools
