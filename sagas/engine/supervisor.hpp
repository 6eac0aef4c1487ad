#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/companion.hpp"
#include "sagas/engine/engine.hpp"
#include "sagas/engine/step_run.hpp"

namespace bv::sagas {

/// Drives one saga: asks what its current step calls for, and tells the saga what came of it.
///
/// Three pictures of the saga are kept apart:
///
///   latest_   what is committed, as the shard last said
///   working_  latest_, and on top of it the steps in pending_, which are done and not journaled yet
///   open_     the calls of working_'s current step, of which some are under way
///
/// Only the first survives a crash. That is enough: the next supervisor makes the calls of pending_ and open_
/// again, under the same ids, and gets the answers that this one got. For the same reason a saga that changes
/// under the supervisor (a cancel, a deadline, a signal) is simply picked up anew from its committed state,
/// once nothing of the old one is under way.
class supervisor final : public runtime::companion {
 public:
  supervisor(const entity_key& self, runtime::companion_services& services,
             std::shared_ptr<engine_parts> engine);

  void committed(const runtime::entity_state& state, std::uint64_t version) override;

 private:
  /// Progress that is older is journaled even if the definition lets it run ahead.
  static constexpr duration unjournaled_max = std::chrono::seconds{1};
  /// Between two tries to reach a saga, this one or one that waits for it.
  static constexpr duration own_retry = std::chrono::milliseconds{200};
  /// What a service may answer.
  static constexpr std::size_t answer_size_bytes_max = 64 * 1024;

  // The saga's way.
  void settle();
  void adopt();
  void drive();
  bool open_step();
  bool may_begin() const;
  void finish_step();
  void fail_step();
  bool at_work() const;
  void give_up(std::string code, std::string message);

  // Calls.
  void launch();
  std::optional<result<bytes>> known_answer(const branch& one) const;
  void ask(const branch& one);
  void ask_entity(const branch& one);
  void ask_service(const branch& one);
  void ask_saga(const branch& one);
  const run::member* member_of(const branch& one) const;
  std::uint16_t place_of(const branch& one) const;
  void answered(std::uint64_t epoch, std::uint16_t branch_number, result<bytes> answer);
  std::string command_id(const branch& one, run::status direction) const;
  runtime::command_request request_for(const branch& one, const entity_key& who, bytes command) const;
  runtime::command_request request_to(const entity_key& who, bytes command, std::string id) const;

  // The journal.
  void flush(std::optional<run::broken> broken = {});
  void send_advance(bytes command, bool reread);
  void advanced(const runtime::receipt& done, bool reread);
  void count_outcome();

  // Time and others.
  void arm();
  void tick();
  void wake();
  void tell_followers();
  void follower_told(bool reached);

  const entity_key self_;
  runtime::companion_services& services_;
  const std::shared_ptr<engine_parts> engine_;
  const definition* definition_ = nullptr;
  saga_input input_;

  run::state latest_;
  std::uint64_t latest_version_ = 0;
  run::state working_;
  std::uint64_t known_version_ = 0;  ///< that working_ without pending_ stands for
  std::vector<run::finished> pending_;
  timestamp pending_since_;
  std::optional<step_run> open_;
  /// What an earlier go at a step got done. The next one does not ask again: where many calls go to a shard that can hardly
  /// cope, each go would be turned away at another of them.
  struct {
    std::uint32_t step = 0;
    run::status direction{};
    std::map<std::uint16_t, bytes> answers;  ///< by branch number
  } got_done_;

  std::uint64_t epoch_ = 0;      ///< answers to questions of an earlier one no longer count
  std::uint32_t under_way_ = 0;  ///< questions of all epochs that are not answered
  bool flushing_ = false;
  std::size_t flushed_ = 0;  ///< of pending_, in the advance that is under way
  bool reread_ = false;      ///< the advance decides more than this supervisor foresaw
  timestamp armed_;
  timestamp woken_for_;
  std::uint32_t telling_ = 0;
  bool all_told_ = true;
};

}  // namespace bv::sagas
