#include "tools/node/logging.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace bv::tools;

namespace {

constexpr std::string_view traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const bv::timestamp noon{1'800'000'000'250'000'000};

struct closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::vector<std::string> lines_of(std::FILE* file) {
  std::rewind(file);
  std::vector<std::string> lines(1);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file))
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += static_cast<char>(c);
  lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("logging: a JSON line is one object with the trace and correlation ids") {
  const auto line = format_line(log_format::json, noon, log_level::warning, "saga", "step \"reserve\"\nfailed",
                                {traceparent, "order-7"}, {{"attempt", "2"}, {"path", "a\\b\x01"}});
  CHECK(line ==
        R"({"time":"2027-01-15T08:00:00.25Z","level":"warning","component":"saga","message":"step \"reserve\"\nfailed",)"
        R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","correlation_id":"order-7","attempt":"2","path":"a\\b\u0001"})");
}

TEST_CASE("logging: a text line is one line, its values quoted where they need it") {
  const auto line = format_line(log_format::text, noon, log_level::info, "node", "ready\nnow", {{}, "c1"},
                                {{"folder", "/a b"}, {"port", "8080"}, {"empty", ""}});
  CHECK(line == "2027-01-15T08:00:00.25Z info node: ready\\nnow folder=\"/a b\" port=8080 empty=\"\" correlation_id=c1");
}

TEST_CASE("logging: what is no traceparent has no trace id") {
  CHECK(trace_id_of(traceparent) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(trace_id_of("").empty());
  CHECK(trace_id_of("00-short-1-01").empty());
  CHECK(format_line(log_format::json, noon, log_level::error, "a", "b", {"junk", {}}, {}).find("trace_id") ==
        std::string::npos);
}

TEST_CASE("logging: lines below the level are not written, the others are, from any thread") {
  const std::unique_ptr<std::FILE, closer> file(std::tmpfile());
  REQUIRE(file);
  {
    logger log(log_level::info, log_format::text, file.get());
    log.write(log_level::debug, "a", "not this one");
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
      writers.emplace_back([&log] {
        for (int n = 0; n < 100; ++n) log.write(log_level::info, "a", "line");
      });
    writers.clear();
    log.flush();
    CHECK(log.dropped_lines() == 0);
  }
  const auto lines = lines_of(file.get());
  CHECK(lines.size() == 400);
  for (const auto& line : lines) CHECK(line.ends_with(" info a: line"));
}
