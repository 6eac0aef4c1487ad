#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/request_forwarder.hpp"
#include "tests/actors/runtime/shard_world.hpp"

/// A forwarder on the hand clock, between nodes that the test speaks for.
namespace bv::runtime::forwarding {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::code_of;
using test::counter_key;
using test::error_of;
using test::hand_clock;

inline constexpr node_id self{1}, second{2}, third{3};

inline frames::outcome done(std::uint64_t version) { return frames::receipt{version, {0}, false}; }
inline frames::outcome refused(error_kind kind, std::string code) {
  return frames::failure{std::string(to_string(kind)), std::move(code), "", "", 0};
}
inline const auto not_leader = refused(error_kind::unavailable, "not_leader");
inline const auto leadership_lost = refused(error_kind::timeout, "leadership_lost");

struct office {
  using answer = std::shared_ptr<std::optional<result<receipt>>>;
  using view_answer = std::shared_ptr<std::optional<result<entity_view>>>;
  struct frame {
    node_id to;
    std::uint64_t number;
    frames::content what;
  };

  answer ask(std::string command_id = "c1", duration patience = 10s) {
    auto place = std::make_shared<std::optional<result<receipt>>>();
    measured.in_flight.add(1);
    forwarder.deliver(admitted_command{{.entity = counter_key("a"),
                                        .command = "bytes",
                                        .command_id = std::move(command_id),
                                        .from = {"ada", "trace", "corr"},
                                        .deadline = time.now() + patience,
                                        .expected_version = {}},
                                       [place](result<receipt> said) {
                                         CHECK_MESSAGE(!place->has_value(), "a handler was called twice");
                                         *place = std::move(said);
                                       },
                                       time.now()});
    return place;
  }
  view_answer look() {
    auto place = std::make_shared<std::optional<result<entity_view>>>();
    measured.in_flight.add(1);
    forwarder.deliver(admitted_view{{.entity = counter_key("a"), .deadline = time.now() + 10s},
                                    [place](result<entity_view> said) { *place = std::move(said); }, time.now()});
    return place;
  }
  /// The frame that was sent last, to `node`.
  const frame& sent_to(node_id node) {
    REQUIRE(!sent.empty());
    REQUIRE(sent.back().to == node);
    return sent.back();
  }
  void say(node_id from, frames::outcome what) { forwarder.on_answer(from, {sent.back().number, 0, std::move(what)}); }
  void pass(duration by) {
    for (const auto end = time.now() + by; time.now() < end;) {
      time.advance(std::min(10ms, std::chrono::duration_cast<std::chrono::milliseconds>(end - time.now())));
      forwarder.tick();
    }
  }

  hand_clock time;
  shard_metrics measured;
  std::vector<frame> sent;
  std::size_t served_here = 0;
  bool reachable = true;
  request_forwarder forwarder{self, 100,
                              {.time = time,
                               .measured = measured,
                               .send =
                                   [this](node_id to, const frames::content& what) {
                                     const auto* const ask = std::get_if<frames::ask>(&what);
                                     sent.push_back({to, ask ? ask->number : std::get<frames::look>(what).number, what});
                                     return reachable;
                                   },
                               .serve_here = [this](const request_forwarder::request&) { ++served_here; }}};
};

}  // namespace bv::runtime::forwarding
