#pragma once

#include "sim/trace/run_report.hpp"

namespace bv::sim {

/// A little of everything: a fault that lasts, a long quiet stretch, a broken invariant.
inline run_report example_report() {
  static constexpr std::int64_t second = 1'000'000'000;
  static const std::vector<trace_line> lines{
      {{1000 * second}, trace_kind::node, "n1", "starts"},
      {{1005 * second + 125'300'000}, trace_kind::client, "client ada", "asks cart/ada addItem"},
      {{1005 * second + 200'000'000}, trace_kind::fault, "n1", "slow disk"},
      {{1014 * second}, trace_kind::network, "clients → n1", "lost: addItem"},
      {{1014 * second}, trace_kind::fault, "n1", "over: slow disk"},
      {{1014 * second + 29LL * 86'400 * second}, trace_kind::check, "world", "money: cart/ada paid twice"}};
  return {.scenario = "declined",
          .seed = 42,
          .failed = true,
          .verdict = "failed",
          .hash = "10dc5f6521479318b457ce9221e6cef4",
          .replay = "bv sim run declined.toml --seed 42",
          .beginning = {1000 * second},
          .violations = {"money: cart/ada paid twice"},
          .lines = lines,
          .shrunk = "[[client]]\nname = \"ada\"\n"};
}

}  // namespace bv::sim
