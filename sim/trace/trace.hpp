#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/time.hpp"

namespace bv::sim {

enum class trace_kind {
  client,   ///< a client sent or heard something
  network,  ///< a message was lost, doubled, held up
  turn,     ///< an actor took a message: hashed, kept only if asked for
  commit,   ///< a record is on the disk
  saga,     ///< a saga moved on
  service,  ///< the processor was asked or answered
  node,     ///< up, down, serving, what it told its operator
  fault,    ///< struck or healed
  check     ///< an invariant was broken
};
std::string_view to_string(trace_kind kind);

struct trace_line {
  timestamp at;       ///< the world's clock
  trace_kind kind{};
  std::string where;  ///< "n1", "client ada", "processor", "n1/shard 3"
  std::string what;
};

/// What happened, in order. Everything goes into the hash; which kinds are kept as text is chosen at the start.
/// The same plan gives the same hash in every process and every build.
class trace {
 public:
  struct options {
    bool keep = false;        ///< lines but turns
    bool keep_turns = false;
    std::size_t lines_max = 200'000;  ///< later ones are counted, not kept
  };
  explicit trace(options chosen);

  void add(timestamp at, trace_kind kind, std::string_view where, std::string_view what);
  /// A turn of an actor: the quick way of add(), for what happens millions of times.
  void turn(timestamp at, std::uint16_t node, std::uint64_t actor);

  /// 128 bits of all so far, as 32 hex digits; the run's identity.
  [[nodiscard]] std::string hash() const;
  [[nodiscard]] const std::vector<trace_line>& lines() const { return lines_; }
  [[nodiscard]] std::uint64_t dropped_lines() const { return dropped_; }

 private:
  options chosen_;
  std::vector<trace_line> lines_;
  std::uint64_t dropped_ = 0;
  std::uint64_t low_ = 0, high_ = 0;
};

}  // namespace bv::sim
