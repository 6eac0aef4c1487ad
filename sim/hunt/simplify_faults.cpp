#include <array>
#include <type_traits>

#include "sim/hunt/simplify.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;

std::size_t each_fault(const plan& p) { return p.faults.size(); }

/// Applies to the fault's action if it is of that kind.
template <class Kind, bool (*One)(Kind&)>
bool if_a(plan& p, std::size_t place) {
  auto* action = std::get_if<Kind>(&p.faults[place].what);
  return action != nullptr && One(*action);
}

bool on_n1(plan& p, std::size_t place) { return set_to<std::uint16_t>(p.faults[place].node, 0); }

/// How long the fault lasts, or the node is down for it; nullptr for what is over at once.
duration* length_of(fault_action& action) {
  return std::visit(
      [](auto& of) -> duration* {
        using kind = std::decay_t<decltype(of)>;
        if constexpr (std::is_same_v<kind, crash_fault> || std::is_same_v<kind, stop_fault>) return &of.down;
        else if constexpr (std::is_same_v<kind, disk_error_fault>) return &of.restart_after;
        else if constexpr (requires { of.lasts; }) return &of.lasts;
        else return nullptr;
      },
      action);
}

bool one_second(plan& p, std::size_t place) {
  auto* length = length_of(p.faults[place].what);
  return length != nullptr && *length > 1s && set_to<duration>(*length, 1s);
}
bool half_as_long(plan& p, std::size_t place) {
  auto* length = length_of(p.faults[place].what);
  return length != nullptr && *length > 2s && go_halfway<duration>(*length, 1s);
}

bool unsynced_lost(crash_fault& of) { return set_to(of.in_flight, unsynced::lost); }

bool only_cut(link_fault& of) { return set_to(of.conditions, link_conditions{.cut = true}); }
bool no_loss(link_fault& of) { return set_to(of.conditions.loss_percent, 0U); }
bool no_duplicates(link_fault& of) { return set_to(of.conditions.duplicate_percent, 0U); }
bool usual_delay(link_fault& of) { return set_to(of.conditions.delay, link_conditions{}.delay); }
bool both_ways(link_fault& of) { return set_to(of.one_way, false); }

bool answers_at_once(processor_fault& of) { return set_to(of.answer_after, span{}); }
bool writes_alike(slow_disk_fault& of) { return set_to(of.write.min, of.write.max); }
bool no_drift(clock_fault& of) { return set_to<std::int64_t>(of.to.drift_ppm, 0); }
bool half_ahead(clock_fault& of) {
  return (of.to.ahead_by > 2s || of.to.ahead_by < -2s) && go_halfway(of.to.ahead_by, duration{});
}
bool one_copy(command_fault& of) { return set_to(of.what.copies, 1U); }

/// "The first such event" and "the first write" read best.
bool first_time(plan& p, std::size_t place) {
  auto& when = p.faults[place].when;
  if (when.on_event) return set_to(when.on_event->nth, 1U);
  return when.on_write && set_to<std::uint64_t>(when.on_write->number, 1);
}
bool half_as_often(plan& p, std::size_t place) {
  auto& when = p.faults[place].when;
  if (when.on_event) return go_halfway(when.on_event->nth, 1U);
  return when.on_write && go_halfway<std::uint64_t>(when.on_write->number, 1);
}
bool one_time_earlier(plan& p, std::size_t place) {
  auto& when = p.faults[place].when;
  if (when.on_event) return go_one_step(when.on_event->nth, 1U);
  return when.on_write && go_one_step<std::uint64_t>(when.on_write->number, 1);
}
bool any_value(plan& p, std::size_t place) {
  auto& on = p.faults[place].when.on_event;
  if (!on || on->field.empty()) return false;
  on->field.clear();
  on->value.clear();
  return true;
}
bool any_entity(plan& p, std::size_t place) {
  auto& on = p.faults[place].when.on_event;
  return on && set_to<std::string>(on->id_prefix, {});
}
bool write_never_lands(plan& p, std::size_t place) {
  auto& on = p.faults[place].when.on_write;
  return on && set_to(on->moment, trigger::write_moment::before);
}
bool at_once(plan& p, std::size_t place) { return set_to(p.faults[place].when.then_after, duration{}); }

/// Three times belong to each fault: when it strikes, how long after its event, how long it lasts.
std::size_t each_time(const plan& p) { return p.faults.size() * 3; }
template <std::int64_t Grain_ns>
bool rounded(plan& p, std::size_t place) {
  auto& fault = p.faults[place / 3];
  auto* at = fault.when.at ? &*fault.when.at : nullptr;
  auto* const time = place % 3 == 0 ? at : place % 3 == 1 ? &fault.when.then_after : length_of(fault.what);
  return time != nullptr && round_to(*time, duration{Grain_ns});
}

constexpr std::array fault_simplifications{
    simplification{"strikes the first node", each_fault, on_n1, false},
    simplification{"lasts one second", each_fault, one_second, false},
    simplification{"lasts half as long", each_fault, half_as_long, false},
    simplification{"unsynced bytes are lost", each_fault, if_a<crash_fault, unsynced_lost>, false},
    simplification{"link only cut", each_fault, if_a<link_fault, only_cut>, false},
    simplification{"link loses nothing", each_fault, if_a<link_fault, no_loss>, false},
    simplification{"link doubles nothing", each_fault, if_a<link_fault, no_duplicates>, false},
    simplification{"link as quick as ever", each_fault, if_a<link_fault, usual_delay>, false},
    simplification{"link both ways", each_fault, if_a<link_fault, both_ways>, false},
    simplification{"processor answers at once", each_fault, if_a<processor_fault, answers_at_once>, false},
    simplification{"slow writes take the same time", each_fault, if_a<slow_disk_fault, writes_alike>, false},
    simplification{"clock does not drift", each_fault, if_a<clock_fault, no_drift>, false},
    simplification{"clock half as far off", each_fault, if_a<clock_fault, half_ahead>, false},
    simplification{"command sent once", each_fault, if_a<command_fault, one_copy>, false},
    simplification{"whatever the event's field", each_fault, any_value, false},
    simplification{"whatever the event's entity", each_fault, any_entity, false},
    simplification{"at the first time", each_fault, first_time, false},
    simplification{"at an earlier time", each_fault, half_as_often, false},
    simplification{"one time earlier", each_fault, one_time_earlier, false},
    simplification{"write never lands", each_fault, write_never_lands, false},
    simplification{"right after the event", each_fault, at_once, false},
    simplification{"whole seconds", each_time, rounded<1'000'000'000>, false},
    simplification{"whole tenths", each_time, rounded<100'000'000>, false},
    simplification{"whole milliseconds", each_time, rounded<1'000'000>, false},
};

}  // namespace

std::span<const simplification> simpler_faults() { return fault_simplifications; }

}  // namespace bv::sim
