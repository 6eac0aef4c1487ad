#include "tools/admin/progress_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>

using namespace bv::tools;

namespace {

std::string shown(bool terminal, const std::function<void(progress_line&)>& use) {
  std::FILE* const file = std::tmpfile();
  {
    progress_line line(file, terminal);
    use(line);
  }
  std::rewind(file);
  std::array<char, 4096> text{};
  const auto size = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  return {text.data(), size};
}

void copy_in_25_steps(progress_line& line) {
  for (std::uint64_t i = 0; i <= 25; ++i) line.show("copy", i * 4, 100);
}

}  // namespace

TEST_CASE("progress: sizes in words") {
  CHECK(size_text(0) == "0 B");
  CHECK(size_text(1023) == "1023 B");
  CHECK(size_text(1536) == "1.5 KiB");
  CHECK(size_text(std::uint64_t{5} << 30) == "5.0 GiB");
  CHECK(size_text(std::uint64_t{5000} << 40) == "5000.0 TiB");
}

TEST_CASE("progress: not on a terminal there is a line for each tenth") {
  const auto text = shown(false, copy_in_25_steps);
  CHECK(text.starts_with("copy: 0% of 100 B\ncopy: 12% of 100 B\ncopy: 20% of 100 B\n"));
  CHECK(text.ends_with("copy: 100% of 100 B\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 11);
}

TEST_CASE("progress: on a terminal one line changes, and what comes next begins another") {
  const auto text = shown(true, [](progress_line& line) {
    line.show("copy", 1, 2);
    line.show("copy", 1, 2);
    line.show("check", 0, 0);
  });
  CHECK(text == "\rcopy: 50% of 2 B\033[K\n\rcheck: 100% of 0 B\033[K\n");
}

TEST_CASE("progress: what is counted is told when the count changes") {
  const auto text = shown(false, [](progress_line& line) {
    for (const std::uint64_t settled : {12, 12, 16}) line.show_count("shards settled", settled, 16);
  });
  CHECK(text == "shards settled: 12 of 16\nshards settled: 16 of 16\n");
}
