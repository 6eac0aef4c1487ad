#pragma once

#include <array>
#include <limits>

#include "sim/plan/plan.hpp"
#include "sim/plan/workload.hpp"

// The format of scenario files, one function a table. What reads files (table_reader), writes them (table_writer) and
// lists their keys all follow these, so that none of them can know a key that another doesn't.
namespace bv::sim::format {

inline constexpr std::array<std::string_view, 2> tiers{"memory", "rocks"};
inline constexpr std::array<std::string_view, 3> write_moments{"before", "torn", "after"};
inline constexpr std::array<std::string_view, 4> unsynced_fates{"lost", "torn", "kept", "drawn"};
inline constexpr std::array<std::string_view, 4> behaviours{"approve", "decline", "fail", "hang"};
/// In the order of fault_action.
inline constexpr std::array<std::string_view, 11> fault_kinds{"crash", "pause", "disk_full", "disk_error", "slow_disk", "bit_rot",
                                                              "clock", "link", "processor", "command", "stop"};
static_assert(fault_kinds.size() == std::variant_size_v<fault_action>);

inline constexpr std::int64_t count_max = 1'000'000'000;
inline constexpr duration any_time = duration::min();

template <class Fields>
void describe_percent(Fields& f, std::string_view key, std::uint32_t& percent) {
  f.number(key, percent, 0, 100);
}

/// [world]
template <class Fields>
void describe_world(Fields& f, plan& p) {
  f.number("nodes", p.where.nodes, 1, 64);
  f.number("founders", p.where.founders, 0, 64);
  f.number("replicas", p.where.replicas, 0, 7);
  f.time("lost_after", p.where.lost_after);
  f.number("message_bytes_max", p.where.message_bytes_max, 1, count_max);
  f.number("uncommitted_max", p.where.uncommitted_max, 1, count_max);
  f.number("shards", p.where.shards, 1, 1024);
  f.choice("tier", p.where.tier, tiers);
  f.flag("shuffle_turns", p.shuffle_turns);
  f.between("journal_write", p.journal_write);
  f.number("steps_max", p.steps_max, 1, std::numeric_limits<std::int64_t>::max());
}

/// [limits]
template <class Fields>
void describe(Fields& f, runtime::limits& l) {
  f.number("in_flight_per_shard_max", l.in_flight_per_shard_max, 1, count_max);
  f.number("batches_in_flight_max", l.batches_in_flight_max, 1, count_max);
  f.number("batch_size_bytes_max", l.batch_size_bytes_max, 1, count_max);
  f.number("live_entities_per_shard_max", l.live_entities_per_shard_max, 1, count_max);
  f.time("idle_before_passivation", l.idle_before_passivation);
  f.time("remember_for", l.remember_for);
  f.number("remembered_per_entity_max", l.remembered_per_entity_max, 1, count_max);
  f.time("default_deadline", l.default_deadline);
  f.time("projection_rest", l.projection_rest);
  f.number("log_page_size_bytes_max", l.log_page_size_bytes_max, 1, count_max);
  f.number("overloaded_retry_after_ms", l.overloaded_retry_after_ms, 0, count_max);
  f.number("command_size_bytes_max", l.command_size_bytes_max, 1, count_max);
  f.number("command_id_size_bytes_max", l.command_id_size_bytes_max, 1, count_max);
  f.number("events_before_passivation_snapshot", l.events_before_passivation_snapshot, 1, count_max);
}

/// [network], and part of a link fault
template <class Fields>
void describe(Fields& f, link_conditions& c) {
  f.between("delay", c.delay);
  describe_percent(f, "loss_percent", c.loss_percent);
  describe_percent(f, "duplicate_percent", c.duplicate_percent);
  f.flag("cut", c.cut);
}

/// [[clock]], and part of a clock fault
template <class Fields>
void describe(Fields& f, clock_setting& c) {
  f.time("ahead_by", c.ahead_by, any_time);
  f.number("drift_ppm", c.drift_ppm, -100'000, 100'000);
}

/// [processor]
template <class Fields>
void describe(Fields& f, commerce::processor_options& p) {
  f.seed("seed", p.seed);
  describe_percent(f, "approve_percent", p.approve_percent);
  describe_percent(f, "fail_percent", p.fail_percent);
  describe_percent(f, "hang_percent", p.hang_percent);
  describe_percent(f, "slow_percent", p.slow_percent);
  f.time("answer_after", p.answer_after);
  f.time("slow_answer_after", p.slow_answer_after);
  f.number("failures_before_answer", p.failures_before_answer, 0, count_max);
  f.flag("cents_decide", p.cents_decide);
}

/// [patience]
template <class Fields>
void describe(Fields& f, patience& p) {
  f.time("answer_within", p.answer_within);
  f.between("pause", p.pause);
  f.number("attempts_max", p.attempts_max, 1, count_max);
}

/// [phases]
template <class Fields>
void describe(Fields& f, phases& p) {
  f.time("warm_up", p.warm_up);
  f.time("chaos", p.chaos);
  f.time("settle_max", p.settle_max);
  f.time("linger", p.linger);
}

/// [workload]
template <class Fields>
void describe(Fields& f, workload& w) {
  f.number("users", w.users, 0, 100'000);
  f.number("trips_max", w.trips_max, 1, 1000);
  f.number("lines_max", w.lines_max, 1, 50);
  f.number("quantity_max", w.quantity_max, 1, 10);
  f.number("skew_percent", w.skew_percent, 0, 300);
  f.between("arrival", w.arrival);
  f.between("think", w.think);
  describe_percent(f, "leave_percent", w.leave_percent);
  describe_percent(f, "change_percent", w.change_percent);
  describe_percent(f, "cancel_percent", w.cancel_percent);
  describe_percent(f, "refund_percent", w.refund_percent);
  describe_percent(f, "deliver_percent", w.deliver_percent);
  describe_percent(f, "duplicate_percent", w.duplicate_percent);
  describe_percent(f, "second_device_percent", w.second_device_percent);
  describe_percent(f, "look_percent", w.look_percent);
  describe_percent(f, "stale_look_percent", w.stale_look_percent);
}

/// [[shelf]]
template <class Fields>
void describe(Fields& f, shelf& s) {
  f.text("sku", s.sku);
  f.number("stock", s.stock, 0, 1'000'000);
  f.number("price_minor", s.price_minor, 1, 100'000'000);
}

/// [[client]], but for its steps
template <class Fields>
void describe(Fields& f, client_script& c) {
  f.text("name", c.name);
  f.text("user", c.user);
  f.time("start", c.start);
  f.node("node", c.node);
}

/// An asking step, and part of a command fault. `whom`: the key of the entity.
template <class Fields>
void describe_ask(Fields& f, ask_step& s, std::string_view whom) {
  f.text(whom, s.entity);
  f.text("command", s.command);
  f.text("body", s.body);
  f.number("copies", s.copies, 1, 1000);
  f.flag("optional", s.optional);
}

template <class Fields>
void describe(Fields& f, ask_step& s) {
  describe_ask(f, s, "ask");
}
template <class Fields>
void describe(Fields& f, view_step& s) {
  f.text("view", s.entity);
  f.flag("stale", s.stale);
}
template <class Fields>
void describe(Fields& f, await_step& s) {
  f.text("await", s.entity);
  f.text("path", s.path);
  f.texts("in", s.values);
  f.time("within", s.within);
  f.flag("required", s.required);
}
template <class Fields>
void describe(Fields& f, wait_step& s) {
  f.time("wait", s.time);
}

/// [[expect]]
template <class Fields>
void describe(Fields& f, expectation& e) {
  f.text("entity", e.entity);
  f.text("path", e.path);
  f.texts("in", e.values);
}

template <class Fields>
void describe(Fields& f, trigger::event_match& m) {
  f.text("on", m.type);
  f.text("id_prefix", m.id_prefix);
  f.field_is("where", m.field, m.value);
  f.number("nth", m.nth, 1, count_max);
}
template <class Fields>
void describe(Fields& f, trigger::journal_write& w) {
  f.number("on_write", w.number, 1, std::numeric_limits<std::int64_t>::max());
  f.choice("moment", w.moment, write_moments);
}

template <class Fields>
void describe(Fields& f, crash_fault& x) {
  f.time("down", x.down);
  f.choice("unsynced", x.in_flight, unsynced_fates);
}
template <class Fields>
void describe(Fields& f, stop_fault& x) {
  f.time("down", x.down);
}
template <class Fields>
void describe(Fields& f, pause_fault& x) {
  f.time("lasts", x.lasts);
}
template <class Fields>
void describe(Fields& f, disk_full_fault& x) {
  f.time("lasts", x.lasts);
}
template <class Fields>
void describe(Fields& f, disk_error_fault& x) {
  f.time("restart_after", x.restart_after);
}
template <class Fields>
void describe(Fields& f, slow_disk_fault& x) {
  f.time("lasts", x.lasts);
  f.between("write", x.write);
}
template <class Fields>
void describe(Fields&, bit_rot_fault&) {}
template <class Fields>
void describe(Fields& f, clock_fault& x) {
  describe(f, x.to);
}
template <class Fields>
void describe(Fields& f, link_fault& x) {
  f.ends("between", x.a, x.b);
  f.flag("one_way", x.one_way);
  describe(f, x.conditions);
  f.time("lasts", x.lasts);
}
template <class Fields>
void describe(Fields& f, processor_fault& x) {
  f.choice("behaviour", x.behaviour, behaviours);
  f.between("answer_after", x.answer_after);
  f.time("lasts", x.lasts);
}
template <class Fields>
void describe(Fields& f, command_fault& x) {
  describe_ask(f, x.what, "entity");
}

}  // namespace bv::sim::format
