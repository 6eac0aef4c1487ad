#include "sim/run/fault_driver.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/json.hpp"
#include "sim/run/json_field.hpp"
#include "sim/trace/fault_bands.hpp"
#include "sim/world/batch_records.hpp"

namespace bv::sim {
namespace {

const error disk_is_full{error_kind::unavailable, "disk_full", "the disk is full (simulated)"};
const error disk_is_broken{error_kind::unavailable, "disk_failed", "an fsync failed (simulated)"};

std::string describe(const link_conditions& how) {
  if (how.cut) return "cut";
  return "loses " + std::to_string(how.loss_percent) + " %, doubles " + std::to_string(how.duplicate_percent) + " %";
}

}  // namespace

void fault_driver::tell(std::string where, std::string what) {
  around_.log.add(around_.in.time().now(), trace_kind::fault, where, what);
}

void fault_driver::begin_lasting(std::string where, std::string what, duration lasts, std::function<void()> mend) {
  tell(where, what);
  lasting_.emplace_back(std::move(where), std::move(what));
  later(lasts, [this, told = lasting_.back(), mend = std::move(mend)] {
    tell_over(told);
    mend();
  });
}

void fault_driver::tell_over(const std::pair<std::string, std::string>& place_and_what) {
  const auto one = std::ranges::find(lasting_, place_and_what);
  if (one == lasting_.end()) return;
  tell(one->first, std::string(fault_over) + one->second);
  lasting_.erase(one);
}

void fault_driver::later(duration after, std::function<void()> action) {
  around_.in.time().after(after, [this, action = std::move(action)] {
    if (armed_) action();
  });
}

void fault_driver::arm() {
  armed_ = true;
  for (const auto& node : around_.in.nodes()) writes_before_.push_back(node->disk().writes());
  for (const auto& one : around_.what.faults)
    if (one.when.at) later(*one.when.at, [this, &one] { strike(one); });
}

void fault_driver::heal() {
  armed_ = false;
  tell("world", "heals");
  while (!lasting_.empty()) tell_over(lasting_.front());
  around_.in.net().heal();
  around_.in.processor().heal();
  for (std::size_t i = 0; i < around_.in.nodes().size(); ++i) {
    auto& one = *around_.in.nodes()[i];
    one.disk().heal();
    one.clock().set(i < around_.what.clocks.size() ? around_.what.clocks[i] : clock_setting{});
    one.pause_until({});
    // A node of a cluster that has lost the others must find them again by itself.
    const bool stuck = !around_.what.where.clustered() && !one.serving();
    if (one.up() && (stuck || one.disk().failing())) one.crash(unsynced::lost);
    if (!one.up()) start(one);
  }
}

void fault_driver::on_record(const observed_record& record) {
  if (!armed_) return;
  for (std::size_t i = 0; i < around_.what.faults.size(); ++i) {
    const auto& one = around_.what.faults[i];
    if (!one.when.on_event || !matches(*one.when.on_event, record)) continue;
    if (++matched_[i] == one.when.on_event->nth)
      later(one.when.then_after, [this, &one, shard = record.shard] { strike(one, shard); });
  }
}

void fault_driver::on_write(std::uint16_t node, std::uint64_t number) {
  if (!armed_) return;
  number -= writes_before_[node];
  for (const auto& one : around_.what.faults)
    if (one.node == node && one.when.on_write && one.when.on_write->number == number) {
      auto now = one;
      using moment = trigger::write_moment;
      if (auto* const crash = std::get_if<crash_fault>(&now.what))
        crash->in_flight = one.when.on_write->moment == moment::before ? unsynced::lost
                           : one.when.on_write->moment == moment::torn ? unsynced::torn
                                                                       : unsynced::kept;
      strike(now);
    }
}

bool fault_driver::matches(const trigger::event_match& wanted, const observed_record& record) const {
  const auto dot = wanted.type.find('.');
  if (record.entity.type() != std::string_view(wanted.type).substr(0, dot)) return false;
  if (!record.entity.id().starts_with(wanted.id_prefix)) return false;
  for (const auto& event : record.events) {
    if (event.name != std::string_view(wanted.type).substr(dot + 1)) continue;
    if (wanted.field.empty()) return true;
    const auto* const contract = find_contract(around_.contracts, record.entity.type());
    std::string json;
    if (!schema::append_member_json(json, contract->event_root(), event.ordinal, event.payload)) continue;
    if (json_field(json, wanted.field) == wanted.value) return true;
  }
  return false;
}

void fault_driver::strike(const fault& one, storage::shard_id shard) {
  if (const auto* const link = std::get_if<link_fault>(&one.what)) return strike_links(*link, shard);
  auto* const at = one.node == the_leader ? leader_of(shard) : around_.in.nodes().at(one.node).get();
  if (!at) return tell("world", "nobody leads, and nothing goes wrong");
  std::visit([&](const auto& how) { begin(how, *at); }, one.what);
}

sim_node* fault_driver::leader_of(storage::shard_id shard) {
  const auto found = std::ranges::find_if(around_.in.nodes(), [&](const auto& one) { return one->leads(shard); });
  return found == around_.in.nodes().end() ? nullptr : found->get();
}

std::vector<std::string> fault_driver::ends_of(const std::string& end, const std::string& other, storage::shard_id shard) {
  const auto* const leader = leader_of(shard);
  if (end == leader_name) return leader ? std::vector{leader->name()} : std::vector<std::string>{};
  if (end != others_name) return {end};
  const auto but_for = other == leader_name && leader ? leader->name() : other;
  std::vector<std::string> all;
  for (const auto& one : around_.in.nodes())
    if (one->name() != but_for) all.push_back(one->name());
  return all;
}

void fault_driver::strike_links(const link_fault& how, storage::shard_id shard) {
  auto one = how;
  for (const auto& a : ends_of(how.a, how.b, shard))
    for (const auto& b : ends_of(how.b, how.a, shard)) {
      one.a = a;
      one.b = b;
      if (a != b) begin(one, *around_.in.nodes().front());
    }
}

void fault_driver::start(sim_node& one) {
  if (const auto started = one.start(); !started) around_.start_failed(one.name(), started.error());
}

void fault_driver::restart(sim_node& one) {
  if (one.up()) one.crash(unsynced::lost);
  start(one);
}

void fault_driver::restart_after(duration down, sim_node& one) {
  later(down, [this, &one] {
    if (!one.up()) start(one);
  });
}

void fault_driver::begin(const crash_fault& how, sim_node& at) {
  if (!at.up()) return;
  static constexpr const char* left[] = {"lost", "torn", "kept", "left to chance"};
  tell(at.name(), std::string("crash, its unfinished write ") + left[static_cast<int>(how.in_flight)]);
  at.crash(how.in_flight);
  restart_after(how.down, at);
}

void fault_driver::begin(const stop_fault& how, sim_node& at) {
  if (!at.up() || at.stopping()) return;
  const std::pair<std::string, std::string> told{at.name(), "stopped"};
  tell(told.first, told.second);
  lasting_.push_back(told);
  at.stop([this, how, told, &at] {
    for (const auto& request : at.left_unanswered()) around_.unanswered(at.name(), request);
    // Not from inside the turn of its last actor. Chaos may be over by then: it comes back all the same.
    around_.in.time().after({}, [this, how, told, &at] {
      if (!at.stopping()) return;
      if (const auto closed = at.close(); !closed) return around_.start_failed(at.name(), closed.error());
      around_.in.time().after(armed_ ? how.down : duration{}, [this, told, &at] {
        tell_over(told);
        if (!at.up()) start(at);
      });
    });
  });
}

void fault_driver::begin(const pause_fault& how, sim_node& at) {
  begin_lasting(at.name(), "stands still", how.lasts, [] {});
  at.pause_until(around_.in.time().now() + how.lasts);
}

void fault_driver::begin(const disk_full_fault& how, sim_node& at) {
  if (!at.up()) return;
  begin_lasting(at.name(), "disk full", how.lasts, [this, &at] { restart(at); });
  at.disk().fail_writes(disk_is_full);
}

void fault_driver::begin(const disk_error_fault& how, sim_node& at) {
  if (!at.up()) return;
  begin_lasting(at.name(), "an fsync fails", how.restart_after, [this, &at] { restart(at); });
  at.disk().fail_writes(disk_is_broken);
}

void fault_driver::begin(const slow_disk_fault& how, sim_node& at) {
  begin_lasting(at.name(), "disk slow", how.lasts, [&at] { at.disk().heal(); });
  at.disk().set_write_time(how.write);
}

void fault_driver::begin(const bit_rot_fault&, sim_node& at) {
  if (!at.up() || !at.disk().rot()) return;
  tell(at.name(), "a byte of the journal rots");
  at.crash(unsynced::lost);
  restart_after(std::chrono::seconds{1}, at);
}

void fault_driver::begin(const clock_fault& how, sim_node& at) {
  tell(at.name(), "clock is set " + std::to_string(how.to.ahead_by.count() / 1'000'000) + " ms ahead, gains " +
                      std::to_string(how.to.drift_ppm) + " ppm");
  at.clock().set(how.to);
}

void fault_driver::begin(const link_fault& how, sim_node&) {
  begin_lasting(how.a + (how.one_way ? " → " : " ↔ ") + how.b, describe(how.conditions), how.lasts, [this, how] {
    around_.in.net().reset(how.a, how.b);
    if (!how.one_way) around_.in.net().reset(how.b, how.a);
  });
  around_.in.net().set(how.a, how.b, how.conditions);
  if (!how.one_way) around_.in.net().set(how.b, how.a, how.conditions);
}

void fault_driver::begin(const processor_fault& how, sim_node&) {
  begin_lasting("processor", "will " + std::string(commerce::to_string(how.behaviour)), how.lasts,
                [this] { around_.in.processor().heal(); });
  around_.in.processor().misbehave(how);
}

void fault_driver::begin(const command_fault& how, sim_node& at) {
  tell(at.name(), how.what.command + " to " + how.what.entity + ", by hand");
  around_.send(how.what);
}

}  // namespace bv::sim
