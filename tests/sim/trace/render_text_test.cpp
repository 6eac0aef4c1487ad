#include "sim/trace/render_text.hpp"

#include <doctest/doctest.h>

#include "tests/sim/trace/example_report.hpp"

using namespace bv;
using namespace bv::sim;

namespace {

constexpr timestamp beginning{1'000'000'000'000};

/// The example with other lines.
run_report with_lines(std::span<const trace_line> lines) {
  auto report = example_report();
  report.lines = lines;
  report.shrunk.clear();
  return report;
}

}  // namespace

TEST_CASE("text: columns are aligned, quiet stretches are marked, faults and violations stand out") {
  CHECK(render_timeline(example_report(), false) ==
        "       00:00.000000    n1            node     starts\n"
        "       00:05.125300    client ada    client   asks cart/ada addItem\n"
        "       00:05.200000 >> n1            fault    slow disk\n"
        "       00:14.000000    clients → n1  network  lost: addItem\n"
        "       00:14.000000 >> n1            fault    over: slow disk\n"
        "                       … 29 days …\n"
        "29d 00:00:14.000000 !! world         check    money: cart/ada paid twice\n");
}

TEST_CASE("text: says what it was, what was broken and how to see it again, then the timeline") {
  CHECK(render_text(with_lines({}), false) ==
        "scenario  declined\n"
        "seed      42\n"
        "verdict   failed\n"
        "hash      10dc5f6521479318b457ce9221e6cef4\n"
        "replay    bv sim run declined.toml --seed 42\n"
        "\n"
        "!! money: cart/ada paid twice\n");
  const auto whole = render_text(with_lines(example_report().lines), false);
  CHECK(whole == render_text(with_lines({}), false) + "\n" + render_timeline(example_report(), false));
}

TEST_CASE("text: the smaller scenario and the lines that were not kept are told") {
  auto report = example_report();
  report.dropped_lines = 7;
  const auto text = render_text(report, false);
  CHECK(text.find("… 7 more lines were not kept …\n") != std::string::npos);
  CHECK(text.ends_with("A smaller scenario that fails as well:\n\n[[client]]\nname = \"ada\"\n"));
}

TEST_CASE("text: colours only if they are asked for") {
  CHECK(render_text(example_report(), false).find('\x1b') == std::string::npos);
  const auto coloured = render_text(example_report(), true);
  CHECK(coloured.find("\x1b[1;31m!! money: cart/ada paid twice\x1b[0m") != std::string::npos);
  CHECK(coloured.find("\x1b[33m       00:05.200000 >>") != std::string::npos);
}

TEST_CASE("text: what a client calls itself can neither break a line nor command the terminal") {
  const std::vector<trace_line> hostile{{beginning, trace_kind::client, "client a\nb\x1b[2J", "x\r\ty\x7f\u009b2Jµ"}};
  CHECK(render_timeline(with_lines(hostile), false) == "00:00.000000    client a�b�[2J  client   x��y��2Jµ\n");
}

TEST_CASE("text: one long place does not push all lines to the right") {
  const std::vector<trace_line> uneven{{beginning, trace_kind::client, std::string(60, 'x'), "asks"},
                                       {beginning, trace_kind::client, "ada", "asks"}};
  CHECK(render_timeline(with_lines(uneven), false) == "00:00.000000    " + std::string(60, 'x') + "  client   asks\n" +
                                                       "00:00.000000    ada" + std::string(21, ' ') + "  client   asks\n");
}
