// Each bug is one that a careful engineer could write and a reviewer could miss, and each needs something to go wrong at a
// bad moment: a crash, a retry, a duplicate, a race, a slow disk, a long wait.
#include "sim/hunt/mutants.hpp"

#include <algorithm>
#include <iterator>

namespace bv::sim {
namespace {

std::vector<mutant> journal_mutants() {
  return {
      {mutation::acknowledge_before_fsync, "acknowledge-before-fsync",
       "A command is answered when it is decided, not when it is on the disk.", "acknowledged_once",
       {"crash_at_every_write", "swarm"}},
      {mutation::acknowledge_all_in_flight, "acknowledge-all-in-flight",
       "When one batch is durable, the one that is still being written behind it is taken for durable too.",
       "acknowledged_once", {"flash_sale", "slow_disk", "swarm"}},
      {mutation::duplicate_answered_early, "duplicate-answered-early",
       "A repeated command is answered from memory while the first of it is still being written.", "acknowledged_once",
       {"duplicate_submissions", "slow_disk", "swarm"}},
      {mutation::view_before_commit, "view-before-commit",
       "A view shows what is decided and not yet on the disk; a crash takes it back.", "linearizable",
       {"crash_at_every_write", "slow_disk", "swarm"}},
      {mutation::fsync_error_ignored, "fsync-error-ignored",
       "The node takes a journal that reports a failed write for one that has written.", "acknowledged_once",
       {"disk_full", "swarm"}},
      {mutation::late_answer_is_refusal, "late-answer-is-refusal",
       "A command that is not written inside its deadline is answered as refused, and is written all the same.",
       "acknowledged_once", {"crowded_cart", "slow_disk", "swarm"}},
      {mutation::write_not_synced, "write-not-synced", "The journal's writes stay in the page cache.",
       "acknowledged_once", {"crash_at_every_write", "swarm"}, true},
      {mutation::write_error_ignored, "write-error-ignored",
       "The journal drops the database's status: a write that failed counts as done.", "acknowledged_once",
       {"disk_full", "swarm"}, true},
      {mutation::torn_tail_accepted, "torn-tail-accepted",
       "A torn write at the end of the journal is left there at the next start.", "log_sound",
       {"crash_at_every_write", "swarm"}, true},
  };
}

std::vector<mutant> entity_mutants() {
  return {
      {mutation::entity_index_one_record_behind, "entity-index-one-record-behind",
       "The index that a restart builds from the log points to the record before each entity's newest.", "log_sound",
       {"crash_at_every_write", "swarm"}},
      {mutation::dedupe_missing_from_snapshot, "dedupe-missing-from-snapshot",
       "A snapshot holds the state without the command ids, so a retry after it is a second effect.",
       "acknowledged_once", {"crowded_cart", "duplicate_submissions", "flash_sale", "swarm"}},
      {mutation::one_dedupe_entry_a_batch, "one-dedupe-entry-a-batch",
       "Of the commands that an entity took in one batch, recovery remembers only the first.", "acknowledged_once",
       {"crowded_cart", "flash_sale", "duplicate_submissions", "swarm"}},
      {mutation::rejection_not_remembered, "rejection-not-remembered",
       "A refused command is not remembered: its retry may be accepted.", "acknowledged_once",
       {"crowded_cart", "duplicate_submissions", "flash_sale", "swarm"}},
      {mutation::snapshot_off_by_one, "snapshot-off-by-one",
       "The snapshot of a passivated entity names the version before, so its last record takes effect twice.",
       "last_state_is_the_log", {"flash_sale", "swarm"}},
      {mutation::stale_read_during_recovery, "stale-read-during-recovery",
       "A view that comes while its entity is being read back is answered with the initial state.", "linearizable",
       {"crowded_cart", "crash_at_every_write", "duplicate_submissions", "swarm"}},
      {mutation::stashed_command_forgotten, "stashed-command-forgotten",
       "While an entity is being read back only the first request for it is kept; the others are never answered.",
       "bounded_memory", {"crowded_cart", "crash_at_every_write", "flash_sale", "swarm"}},
      {mutation::passivation_drops_pending_command, "passivation-drops-pending-command",
       "A shard that is full drops what waited for the entity that it has just read back.", "bounded_memory",
       {"crowded_cart", "swarm", "flash_sale"}},
      {mutation::passivation_drops_timer, "passivation-drops-timer",
       "Passivation with a snapshot takes the entity's timer out of the index.", "timers_fire",
       {"reservation_expiry", "cart_expiry", "swarm"}},
      {mutation::running_saga_passivated, "running-saga-passivated",
       "A saga that runs is passivated like anything idle, and its supervisor with it.", "sagas_end",
       {"swarm", "payment_hangs"}},
      {mutation::live_entities_unbounded, "live-entities-unbounded",
       "However many entities are live, only the idle ones leave the memory.", "bounded_memory", {"swarm", "flash_sale"}},
      {mutation::overload_leaks_admission, "overload-leaks-admission",
       "A request that is turned away as too many keeps its place: overload never ends.", "bounded_memory",
       {"flash_sale", "swarm"}},
  };
}

std::vector<mutant> time_mutants() {
  return {
      {mutation::timer_lost_at_restart, "timer-lost-at-restart",
       "A start reads the wake-ups that are to come, not those that came due while the node was down.", "timers_fire",
       {"crash_at_every_write", "reservation_expiry", "order_timeout", "swarm"}},
      {mutation::event_and_timer_not_atomic, "event-and-timer-not-atomic",
       "A record does not carry the wake-up that it causes: only the index has it, which a crash may set back.",
       "timers_fire", {"crash_at_every_write", "reservation_expiry", "swarm"}},
      {mutation::busy_entity_not_woken, "busy-entity-not-woken",
       "A wake-up that comes while a record of its entity is being written is dropped instead of put off.",
       "timers_fire", {"reservation_expiry", "slow_disk", "swarm"}},
      {mutation::early_wake_up_forgotten, "early-wake-up-forgotten",
       "A wake-up that turns out to be too early is not armed again for the right time.", "timers_fire",
       {"cart_expiry", "reservation_expiry", "swarm"}},
  };
}

std::vector<mutant> follower_mutants() {
  return {
      {mutation::subscription_skips_unfinished, "subscription-skips-unfinished",
       "A subscription's cursor is written behind all that was read, not behind what is done: a crash skips the rest.",
       "sagas_end", {"rush_hour", "flash_sale", "crash_at_every_write", "swarm"}},
      {mutation::subscription_drops_failed_event, "subscription-drops-failed-event",
       "An event whose handler failed, an overloaded shard being enough, counts as done.", "sagas_end",
       {"flash_sale", "slow_disk", "swarm"}},
      {mutation::log_wake_up_lost, "log-wake-up-lost",
       "A batch tells followers only what kinds of events its first record has, and they pass by the others.",
       "sagas_end", {"flash_sale", "swarm"}},
      {mutation::projection_cursor_ahead, "projection-cursor-ahead",
       "After a page of events a read model's cursor moves to the end of the log, not of the page.",
       "read_models_follow", {"swarm"}},
  };
}

std::vector<mutant> replica_mutants() {
  return {
      {mutation::vote_not_durable, "vote-not-durable", "A server's vote leaves before it is on the disk.", "promises_kept",
       {"leader_crashes", "cluster_storm"}},
      {mutation::term_not_durable, "term-not-durable", "A server takes part in a new term before that is on its disk.",
       "promises_kept", {"leader_crashes", "cluster_storm"}},
      {mutation::follower_acknowledges_early, "follower-acknowledges-early",
       "A follower tells the leader of a batch that it has while it is still being written.", "promises_kept",
       {"leader_crashes", "cluster_storm"}},
      {mutation::leader_counts_itself_early, "leader-counts-itself-early",
       "A leader counts itself among those that have a batch on disk while its own disk is still writing it.",
       "commits_are_safe", {"leader_crashes", "cluster_disk_faults", "cluster_storm"}},
      {mutation::prior_term_committed_by_counting, "prior-term-committed-by-counting",
       "A new leader counts who has a batch of an earlier term, and takes it for committed.", "commits_are_safe",
       {"leader_crashes", "cluster_partitions", "cluster_storm"}},
      {mutation::stale_vote_counted, "stale-vote-counted", "A candidate counts votes that it got in an earlier term.",
       "one_leader_a_term", {"cluster_slow_network", "cluster_partitions", "cluster_storm"}},
      {mutation::conflicting_tail_kept, "conflicting-tail-kept",
       "A follower that has something at a place already takes it for what the leader has there.", "replicas_agree",
       {"cluster_partitions", "leader_crashes", "cluster_storm"}},
      {mutation::unverified_tail_reported, "unverified-tail-reported",
       "A follower reports all that it has on disk, also what nobody has compared with the leader's.", "commits_are_safe",
       {"cluster_partitions", "leader_crashes", "cluster_storm"}},
      {mutation::message_commits_too_much, "message-commits-too-much",
       "A message names the leader's commit, not the part of it that the message vouches for.", "replicas_agree",
       {"cluster_bad_moments", "cluster_storm"}},
      {mutation::feed_leaves_an_entry_out, "feed-leaves-an-entry-out",
       "Who is far behind is fed from the journal, but for the first entry of each page.", "settles",
       {"cluster_disk_faults", "leader_crashes", "cluster_storm"}},
      {mutation::committed_cursor_ahead, "committed-cursor-ahead",
       "The cursor of what is committed is written for all that there is: a restart believes it.", "commits_are_safe",
       {"leader_crashes", "cluster_storm"}},
      {mutation::read_round_agreed_in_any_term, "read-round-agreed-in-any-term",
       "Who is asked before a read agrees though its own term is a newer one.", "linearizable",
       {"cluster_sleeping_leader", "cluster_storm"}},
      {mutation::rotten_log_cut_off, "rotten-log-cut-off",
       "A log that has rotted is cut off there, as a torn one, and got again from the leader.", "promises_kept", {"cluster_bit_rot"}},
  };
}

std::vector<mutant> leader_mutants() {
  return {
      {mutation::deposed_leader_serves_read, "deposed-leader-serves-read",
       "A leader answers views from memory without asking whether it still leads.", "linearizable",
       {"cluster_sleeping_leader", "cluster_storm"}},
      {mutation::deposed_leader_acknowledges, "deposed-leader-acknowledges",
       "A leader that is deposed answers what it has proposed as if it were committed.", "acknowledged_once",
       {"cluster_partitions", "leader_crashes", "cluster_storm"}},
      {mutation::entity_hosted_twice, "entity-hosted-twice",
       "A leader that is deposed goes on serving until the first write is refused.", "read_models_follow",
       {"cluster_partitions", "leader_crashes", "cluster_storm"}},
      {mutation::served_before_level, "served-before-level",
       "A new leader serves before all that is committed has taken effect on it.", "log_sound",
       {"leader_crashes", "cluster_partitions", "cluster_storm"}},
      {mutation::taken_in_twice, "taken-in-twice",
       "What a leader committed itself takes effect once more when it is deposed.", "read_models_follow",
       {"cluster_partitions", "rolling_restart", "cluster_storm"}},
      {mutation::step_down_keeps_entities, "step-down-keeps-entities",
       "A leader that is deposed keeps its entities in memory, and finds them there when it leads again.", "log_sound",
       {"cluster_partitions", "rolling_restart", "cluster_storm"}},
      {mutation::refused_proposal_ignored, "refused-proposal-ignored",
       "A batch that the group does not take is forgotten; the entities stay as if it had.", "crashes",
       {"cluster_bad_moments", "cluster_storm"}},
      {mutation::new_leader_has_no_timers, "new-leader-has-no-timers",
       "A node that leads once more does not read the timers that others have set meanwhile.", "timers_fire",
       {"cluster_partitions", "rolling_restart", "cluster_storm"}},
      {mutation::forwarded_without_id, "forwarded-without-id",
       "A command that goes to the leader's node loses its id: a retry is a second effect.", "acknowledged_once",
       {"leader_crashes", "cluster_storm"}},
      {mutation::request_numbers_start_over, "request-numbers-start-over",
       "A process counts its requests from 1 again, and takes an answer to the process before for its own.",
       "acknowledged_once", {"cluster_bad_moments", "cluster_storm"}},
      {mutation::stop_forgets_reads, "stop-forgets-reads",
       "A shard stops while somebody still waits until it is certain that nobody else leads.", "answered",
       {"cluster_bad_moments", "rolling_restart", "cluster_storm"}},
      {mutation::stale_view_before_commit, "stale-view-before-commit",
       "Who is content with an old state is shown what is in the leader's memory, committed or not.", "stale_is_committed",
       {"cluster_partitions", "cluster_storm"}},
  };
}

std::vector<mutant> saga_mutants() {
  return {
      {mutation::unknown_outcome_under_new_id, "unknown-outcome-under-new-id",
       "Every attempt of a saga's call has a command id of its own, so a retry is a second effect.", "sagas_end",
       {"crash_at_every_write", "slow_disk", "swarm"}},
      {mutation::unknown_outcome_is_refusal, "unknown-outcome-is-refusal",
       "A call that timed out is taken for one that had no effect, and is not undone.", "money_conserved",
       {"payment_hangs", "slow_disk", "swarm"}},
      {mutation::undo_from_journaled_step, "undo-from-journaled-step",
       "A saga that is stopped undoes the steps in the journal, not those that ran ahead of it.", "money_conserved",
       {"cancel_while_paying", "crash_at_every_write", "payment_hangs", "swarm"}},
      {mutation::deadline_not_persisted, "deadline-not-persisted",
       "A saga that is read back from the journal has no deadline any more.", "timers_fire",
       {"payment_hangs", "crash_at_every_write", "swarm"}},
      {mutation::deadline_past_point_of_no_return, "deadline-past-point-of-no-return",
       "The deadline strikes a checkout that has begun to take the money.", "sagas_end",
       {"slow_disk", "payment_hangs", "swarm"}},
      {mutation::cancel_races_confirm, "cancel-races-confirm",
       "A customer's cancel undoes a checkout that is past its point of no return.", "sagas_end", {"swarm"}},
      {mutation::parked_letter_lost, "parked-letter-lost",
       "A saga that can't go on is discarded instead of parked for an operator.", "sagas_end",
       {"stock_gone_between_reserve_and_pay", "payment_hangs", "swarm"}},
      {mutation::retry_not_armed, "retry-not-armed",
       "Nothing wakes a saga when the pause before its next attempt is over.", "sagas_end",
       {"payment_hangs", "slow_disk", "swarm"}},
      {mutation::follower_not_told_again, "follower-not-told-again",
       "A saga that could not tell another of its end notes that it has.", "sagas_end", {"impatient_crowd", "swarm"}},
      {mutation::breaker_never_half_opens, "breaker-never-half-opens",
       "A circuit breaker that has opened stays open.", "sagas_end", {"payment_hangs", "swarm"}},
      {mutation::service_without_deadline, "service-without-deadline",
       "Nobody stops waiting for a service that hangs.", "sagas_end", {"payment_hangs", "swarm"}},
  };
}

std::vector<mutant> shop_mutants() {
  return {
      {mutation::compensation_runs_twice, "compensation-runs-twice",
       "A cancelled order brings back to the shelf what its checkout had freed already.", "never_oversold", {"swarm"}},
      {mutation::release_forgotten, "release-forgotten", "Of an order's reservations only the first line's is released.",
       "sagas_end", {"payment_declined", "payment_hangs", "swarm"}},
      {mutation::check_then_reserve, "check-then-reserve",
       "That there is enough stock is checked by the cart, before a wait, and not again when it is reserved.",
       "never_oversold", {"flash_sale", "stock_gone_between_reserve_and_pay", "swarm"}},
      {mutation::expired_reservation_sold, "expired-reservation-sold",
       "A reservation whose time has passed is sold as long as its timer has not rung.", "timers_fire", {"late_sale", "swarm"}},
      {mutation::clock_step_breaks_expiry, "clock-step-breaks-expiry",
       "After the clock steps back, reservations expire out of their order, and late.", "timers_fire",
       {"reservation_expiry", "swarm"}},
      {mutation::refund_above_captured, "refund-above-captured",
       "What has gone back already is forgotten when more is refunded.", "money_conserved", {"refund_by_hand", "swarm"}},
      {mutation::cart_not_emptied, "cart-not-emptied", "A cart keeps its lines after they were ordered.",
       "linearizable", {"happy_path", "swarm"}},
  };
}

std::vector<mutant> found_mutants() {
  return {
      {mutation::late_authorization_holds, "late-authorization-holds",
       "An authorization that comes to the processor after its reversal holds the money for ever.", "money_conserved", {"swarm"}},
      {mutation::wake_up_put_off_too_far, "wake-up-put-off-too-far",
       "A wake-up that finds its entity on disk, and comes too early, is put off beyond the shard's next look.", "awaited",
       {"cart_expiry", "swarm"}},
      {mutation::processor_given_up_early, "processor-given-up-early",
       "A processor that never answers is given up before the checkout's deadline.", "expected", {"payment_hangs"}},
      {mutation::step_asked_from_the_start, "step-asked-from-the-start",
       "Each go at a step asks everybody again, so that a full shard always turns one of them away.", "sagas_end",
       {"impatient_crowd", "swarm"}},
  };
}

}  // namespace

std::vector<mutant> all_mutants() {
  std::vector<mutant> all;
  for (const auto part : {journal_mutants, entity_mutants, time_mutants, follower_mutants, replica_mutants, leader_mutants,
                          saga_mutants, shop_mutants, found_mutants})
    std::ranges::move(part(), std::back_inserter(all));
  return all;
}

std::optional<mutation> mutation_called(std::string_view name) {
  for (const auto& one : all_mutants())
    if (one.name == name) return one.which;
  return std::nullopt;
}

}  // namespace bv::sim
