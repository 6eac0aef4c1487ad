// A node on virtual time, as small as it can be: sagas with their journal, companions that a crash destroys,
// and participants that do what a test tells them to. Everything happens in one queue, so a run repeats
// exactly.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/clock.hpp"
#include "actors/runtime/companion.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/random.hpp"
#include "sagas/engine/engine.hpp"
#include "sagas/engine/saga_entity.hpp"
#include "sagas/engine/timer.hpp"

namespace bv::sagas::testing {

/// What a participant does with one call.
struct reaction {
  result<bytes> answer = bytes();
  duration after = std::chrono::milliseconds{1};
  bool acts = true;     ///< whether the thing happens, where the answer is good
  bool silent = false;  ///< no answer ever comes: the caller's deadline passes

  static reaction ok(bytes answer = {}) { return {std::move(answer)}; }
  static reaction refuse(std::string code) { return {failure(error_kind::conflict, std::move(code), "no")}; }
  static reaction fail(error_kind kind = error_kind::unavailable) {
    return {failure(kind, "out_of_order", "later")};
  }
  static reaction hang() { return {bytes(), {}, false, true}; }
  static reaction act_and_hang() { return {bytes(), {}, true, true}; }
};

/// One call as a participant saw it; `attempt` counts from 1 those with the same id.
struct seen_call {
  std::string who;  ///< "stock/apple", or a service's name
  bytes body;
  std::string id;
  std::uint32_t attempt = 1;
  std::string voids = {};  ///< the id of the call that it takes back
};
using script = std::function<reaction(const seen_call&)>;

class saga_world final : public runtime::clock, public timer {
 public:
  explicit saga_world(std::vector<definition> definitions, std::uint64_t seed = 1);
  ~saga_world() override;

  // --- What the test sets up ---
  script participants;  ///< for all aggregates and services; accepts everything unless told otherwise
  void add_service(const std::string& name, downstream_policy policy = {}, service_fallback fallback = {});
  /// The answer to a command for a saga goes missing this often, although it was carried out.
  std::function<bool(const runtime::command_request&)> loses_answer;
  /// A command for a saga goes missing this often, and is not carried out.
  std::function<bool(const runtime::command_request&)> loses_command;
  /// Replaces what the node knows, as a new release does. Takes effect at the next crash().
  void install(std::vector<definition> definitions);

  void add_service(std::shared_ptr<downstream> service);

  // --- What happens ---
  result<runtime::receipt> tell(const std::string& saga, run::command command, std::string id = {});
  template <class Input>
  result<runtime::receipt> start(const std::string& definition, const std::string& business_id,
                                 const Input& input) {
    return tell(saga_id(definition, business_id), run::start{definition, 0, encode(input), {}, "", ""});
  }
  /// Runs whatever is due until nothing is, or for this long.
  void run_for(duration time);
  void run_until_quiet();
  /// Sends a request to a saga or a participant; it arrives in a moment.
  void send(runtime::command_request request) {
    ask(std::move(request), [](result<runtime::receipt>) {});
  }
  /// One step of the queue; false if it is empty.
  bool step();
  /// Every supervisor is gone and comes back with what the journal holds; answers on their way are lost.
  void crash();

  // --- What can be seen ---
  const run::state& saga(const std::string& id) const;
  run::status status(const std::string& id) const { return saga(id).status; }
  std::uint32_t records(const std::string& id) const;
  std::vector<run::event> history(const std::string& id) const;
  /// "who: body" of everything that took effect, in order, each id once.
  const std::vector<std::string>& effects() const { return effects_; }
  /// Every call that reached a participant.
  const std::vector<seen_call>& calls() const { return calls_; }
  std::uint32_t times_called(const std::string& body) const;
  downstream& service(const std::string& name) { return *services_.at(name); }
  engine_parts& engine() { return *engine_; }
  timestamp now() const override { return now_; }
  void after(duration delay, std::function<void()> action) override;

 private:
  class services_of;
  class fake_service;
  struct live_saga;

  live_saga& spawn(const entity_key& who);
  void ask(runtime::command_request request, runtime::receipt_handler answer);
  result<runtime::receipt> execute(const runtime::command_request& request);
  reaction react(seen_call call);
  void build_engine();

  timestamp now_{std::chrono::nanoseconds(std::chrono::hours{24 * 365}).count()};
  std::uint64_t seed_;
  std::uint64_t sequence_ = 0;
  std::map<std::pair<timestamp, std::uint64_t>, std::function<void()>> queue_;
  std::vector<definition> definitions_;
  std::map<std::string, std::shared_ptr<downstream>> services_;
  std::shared_ptr<engine_parts> engine_;
  std::unique_ptr<runtime::aggregate_type> type_;
  struct journal {
    std::vector<bytes> events;
    std::uint32_t records = 0;
    std::map<std::string, std::pair<bytes, result<runtime::receipt>>> replies;
  };
  std::map<entity_key, journal> journals_;
  std::map<entity_key, std::unique_ptr<live_saga>> live_;
  std::map<std::string, std::pair<bytes, result<bytes>>> remembered_;  ///< by participants, for ever
  std::map<std::string, std::uint32_t> attempts_;
  std::vector<std::string> effects_;
  std::vector<seen_call> calls_;
};

}  // namespace bv::sagas::testing
