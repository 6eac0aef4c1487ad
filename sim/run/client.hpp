#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/random.hpp"
#include "sim/checkers/checker.hpp"
#include "sim/observe/observation.hpp"
#include "sim/plan/plan.hpp"
#include "sim/world/world.hpp"

namespace bv::sim {

/// What all clients of a run share.
struct client_surroundings {
  const plan& what;
  world& in;
  trace& log;
  const std::vector<const schema::aggregate_contract*>& contracts;
  std::vector<operation>& history;        ///< every client adds what it asks
  std::vector<violation>& violations;
};

/// Somebody who works off a script against a node, over the network, with the patience of a real client: no answer, or
/// "try again", and the same command id is sent again. One thread.
class client {
 public:
  /// Error: the script names a type, command or field that does not exist.
  static result<std::unique_ptr<client>> make(const client_script& script, const client_surroundings& around);

  /// Begins with the first step.
  void start() { next(); }
  [[nodiscard]] bool done() const { return done_; }

 private:
  struct prepared {
    const schema::aggregate_contract* contract = nullptr;
    entity_key entity;
    bytes body;
  };
  /// One question and all its attempts.
  struct conversation {
    std::size_t operation = 0;  ///< place in the history
    std::uint32_t attempt = 0;
    bool over = false;
    std::uint32_t copies = 1;
    std::function<void()> then;
  };
  using shared_conversation = std::shared_ptr<conversation>;

  client(const client_script& script, const client_surroundings& around);
  result<void> prepare();
  void next();
  void end() { done_ = true; }
  void perform(const ask_step& step, const prepared& with);
  void perform(const view_step& step, const prepared& with);
  void perform(const await_step& step, const prepared& with);
  void look(const await_step& step, const prepared& with, timestamp since);
  bool matches(const await_step& step, const prepared& with, const operation& seen) const;

  struct question {
    std::string command = {};  ///< empty: a view
    std::uint32_t copies = 1;
    bool stale = false;
  };
  shared_conversation converse(const prepared& with, question what, std::function<void()> then);
  void attempt(const shared_conversation& about);
  void send_copy(const shared_conversation& about);
  void heard(const shared_conversation& about, std::uint32_t attempt, result<decltype(operation::outcome)> said);
  void compare(const shared_conversation& about, const result<decltype(operation::outcome)>& said);
  void conclude(const shared_conversation& about, decltype(operation::outcome) outcome);
  [[nodiscard]] const std::string& user() const { return script_.user.empty() ? script_.name : script_.user; }
  [[nodiscard]] sim_node& node_for(std::uint32_t attempt);
  void tell(std::string what);

  const client_script script_;
  const client_surroundings around_;
  runtime::random_source lots_;
  std::vector<prepared> prepared_;  ///< by step
  std::size_t step_ = 0;            ///< the next one
  bool done_ = false;
};

}  // namespace bv::sim
