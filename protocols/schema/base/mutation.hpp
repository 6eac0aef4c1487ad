#pragma once

#include <cstdint>

/// Deliberate bugs, which the simulator must find: how else would we know that it finds the real ones?
///
/// A bug is planted where an engineer could have made it, as a condition that is easy to read over and easy to grep for:
///
///   if (who.uncommitted > 0 && !mutated(mutation::busy_entity_not_woken)) …
///
/// Only a build with `-Dmutants=true` can have one. In all others mutated() is a constant, and nothing is left of it in
/// the program. What each of them is called, does and breaks is in sim/hunt/mutants.cpp.
namespace bv {

enum class mutation : std::uint8_t {
  none,

  // The journal, and what may leave before it has written
  acknowledge_before_fsync,
  acknowledge_all_in_flight,
  duplicate_answered_early,
  view_before_commit,
  fsync_error_ignored,
  late_answer_is_refusal,
  write_not_synced,
  write_error_ignored,
  torn_tail_accepted,

  // What comes back from the disk, and what is remembered
  entity_index_one_record_behind,
  dedupe_missing_from_snapshot,
  one_dedupe_entry_a_batch,
  rejection_not_remembered,
  snapshot_off_by_one,
  stale_read_during_recovery,
  stashed_command_forgotten,
  passivation_drops_pending_command,
  passivation_drops_timer,
  running_saga_passivated,
  live_entities_unbounded,
  overload_leaks_admission,

  // Time
  timer_lost_at_restart,
  event_and_timer_not_atomic,
  busy_entity_not_woken,
  early_wake_up_forgotten,

  // Those who follow the log
  subscription_skips_unfinished,
  subscription_drops_failed_event,
  log_wake_up_lost,
  projection_cursor_ahead,

  // What a shard's replicas promise one another
  vote_not_durable,
  term_not_durable,
  follower_acknowledges_early,
  leader_counts_itself_early,
  prior_term_committed_by_counting,
  stale_vote_counted,
  conflicting_tail_kept,
  unverified_tail_reported,
  message_commits_too_much,
  feed_leaves_an_entry_out,
  committed_cursor_ahead,
  read_round_agreed_in_any_term,
  rotten_log_cut_off,

  // Who leads a shard, and who did
  deposed_leader_serves_read,
  deposed_leader_acknowledges,
  entity_hosted_twice,
  served_before_level,
  taken_in_twice,
  step_down_keeps_entities,
  refused_proposal_ignored,
  new_leader_has_no_timers,
  forwarded_without_id,
  request_numbers_start_over,
  stop_forgets_reads,
  stale_view_before_commit,

  // Sagas
  unknown_outcome_under_new_id,
  unknown_outcome_is_refusal,
  undo_from_journaled_step,
  deadline_not_persisted,
  deadline_past_point_of_no_return,
  cancel_races_confirm,
  parked_letter_lost,
  retry_not_armed,
  follower_not_told_again,
  breaker_never_half_opens,
  service_without_deadline,

  // The shop
  compensation_runs_twice,
  release_forgotten,
  check_then_reserve,
  expired_reservation_sold,
  clock_step_breaks_expiry,
  refund_above_captured,
  cart_not_emptied,

  // What the simulator found: real once, mended, and kept here
  late_authorization_holds,
  wake_up_put_off_too_far,
  processor_given_up_early,
  step_asked_from_the_start,
};

#ifdef BV_MUTANTS

inline constexpr bool mutants_compiled_in = true;

/// Plants a bug in the whole process, or none. Before any of the code that it is in runs: it is read without a lock.
///
/// The one global variable that we allow ourselves. A mutation is a different program, not a setting of this one: to hand
/// it through every constructor down to pure functions would change the code under test, and the build that people run.
void choose_mutation(mutation which);
bool mutated(mutation which);

#else

inline constexpr bool mutants_compiled_in = false;

consteval bool mutated(mutation) { return false; }

#endif

}  // namespace bv
