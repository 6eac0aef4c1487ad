#include "sim/trace/trace.hpp"

#include <fmt/format.h>

#include <bit>

#include "protocols/schema/base/hash.hpp"

/// A run has millions of turns, so each costs a few nanoseconds: the state is two 64-bit words into which further words
/// are folded by odd multiplications and rotations. For a given word the fold maps states one to one, hence two
/// histories that have once differed stay different unless later words cancel it (chance 2^-128), and the order counts.
/// Text enters as its XXH3. At the end the state goes through XXH3-128 so that each digit depends on all of it. Nothing
/// depends on addresses, the build or the machine.
namespace bv::sim {
namespace {

/// Begins what add() folds in. A turn begins with its time, and no time of a run is negative.
constexpr std::uint64_t text_mark = std::uint64_t{1} << 63;

void fold(std::uint64_t& low, std::uint64_t& high, std::uint64_t word) {
  low = std::rotl(low ^ (word * 0x9fb21c651e98df25), 29) * 0xbf58476d1ce4e5b9 + high + 0x165667b19e3779f9;
  high = std::rotl(high ^ word, 37) * 0x94d049bb133111eb + low;
}

}  // namespace

std::string_view to_string(trace_kind kind) {
  switch (kind) {
    case trace_kind::client: return "client";
    case trace_kind::network: return "network";
    case trace_kind::turn: return "turn";
    case trace_kind::commit: return "commit";
    case trace_kind::saga: return "saga";
    case trace_kind::service: return "service";
    case trace_kind::node: return "node";
    case trace_kind::fault: return "fault";
    case trace_kind::check: return "check";
  }
  return "unknown";
}

trace::trace(options chosen) : chosen_(chosen) {}

void trace::add(timestamp at, trace_kind kind, std::string_view where, std::string_view what) {
  fold(low_, high_, text_mark | static_cast<std::uint64_t>(kind));
  fold(low_, high_, static_cast<std::uint64_t>(at.ns));
  fold(low_, high_, hash64(where));
  fold(low_, high_, hash64(what));
  if (kind == trace_kind::turn ? !chosen_.keep_turns : !chosen_.keep) return;
  if (lines_.size() < chosen_.lines_max) {
    lines_.push_back({at, kind, std::string(where), std::string(what)});
  } else {
    ++dropped_;
  }
}

void trace::turn(timestamp at, std::uint16_t node, std::uint64_t actor) {
  fold(low_, high_, static_cast<std::uint64_t>(at.ns));
  fold(low_, high_, actor ^ (std::uint64_t{node} << 48));
  if (!chosen_.keep_turns) return;
  if (lines_.size() < chosen_.lines_max) {
    lines_.push_back({at, trace_kind::turn, fmt::format("n{}", node + 1), fmt::format("actor {}", actor)});
  } else {
    ++dropped_;
  }
}

std::string trace::hash() const { return to_hex(hash128(fmt::format("{:016x}{:016x}", high_, low_))); }

}  // namespace bv::sim
