#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <variant>
#include <vector>

#include "actors/runtime/interconnect.hpp"
#include "actors/runtime/shard.hpp"
#include "protocols/schema/cluster/frames.hpp"

namespace bv::runtime {

/// Requests for a shard that does not serve here: they go to the node that leads it, and are asked again when the
/// leadership moves, until they are answered or late. Nothing is done twice: what may have been done is asked again under
/// the same command id, or not at all if it has none.
///
///     deliver → leader known? ─yes→ sent → answered
///                  │ no ↑            │ refused, link lost, leader moved: again
///                  └ waits ←─────────┘      no leader for a while, deadline: an error
///
/// All members run on the shard's actor.
class request_forwarder {
 public:
  using request = std::variant<admitted_command, admitted_view>;
  struct environment {
    const clock& time;
    shard_metrics& measured;
    /// Sends a frame's content to the shard's actor at `to`; false if there is no way.
    std::function<bool(node_id to, const frames::content& what)> send;
    /// Deals with a request here: this node leads now.
    std::function<void(request)> serve_here;
  };
  /// `first_number`: whatever an earlier process of this node may have used must not come again.
  request_forwarder(node_id self, std::uint64_t first_number, environment around);

  void deliver(request what);
  void on_answer(node_id from, frames::answer answer);
  /// Who leads is known now, or (0) no longer.
  void on_leader(node_id leader);
  void on_link(node_id peer, bool up);
  /// Asks again and gives up what is late; to be called while any() about every tick_ms.
  void tick();
  [[nodiscard]] bool any() const { return !waiting_.empty(); }
  /// Answers one with `why`.
  void refuse(request what, const error& why);
  /// Answers everything with `why`.
  void fail_all(const error& why);

 private:
  struct waiting_request {
    request what;
    node_id sent_to;  ///< 0: not under way
    timestamp ask_at;
    duration pause;
  };
  static constexpr duration first_pause = std::chrono::milliseconds{10};
  static constexpr duration longest_pause = std::chrono::milliseconds{200};
  /// An election takes a few hundred milliseconds; whoever finds none in this time is on the wrong side of a cut.
  static constexpr duration leaderless_max = std::chrono::milliseconds{1500};

  [[nodiscard]] static timestamp deadline_of(const request& what);
  /// Whether it may be asked again though it may have been done.
  [[nodiscard]] static bool repeatable(const request& what);
  bool send(std::uint64_t number, waiting_request& one);
  void again(waiting_request& one);
  void finish(std::map<std::uint64_t, waiting_request>::iterator one, result<frames::answer> answer);
  void reply(request what, result<frames::answer> answer);
  void release_here();
  [[nodiscard]] std::vector<std::uint64_t> numbers() const;

  const node_id self_;
  const environment around_;
  std::uint64_t next_number_;
  node_id leader_;
  timestamp leaderless_since_;
  std::map<std::uint64_t, waiting_request> waiting_;
};

/// A request as it goes over a link. The deadline becomes what is left of it.
frames::content to_frame(std::uint64_t number, const request_forwarder::request& what, timestamp now);
/// And back. Errors: the entity's name is malformed.
result<command_request> from_frame(frames::ask asked, timestamp now);

frames::outcome to_frame(result<receipt> answer);
frames::outcome to_frame(result<entity_view> answer);
error from_frame(frames::failure said);

}  // namespace bv::runtime
