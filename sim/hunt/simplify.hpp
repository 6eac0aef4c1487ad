#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sim/plan/plan.hpp"

/// The small transformations that make a plan plainer without taking anything away. Each applies at a number of places
/// (faults, steps, numbers in bodies); the shrinker tries every one and keeps it if the plan still fails. Those that go
/// the whole way at once stand before those that go half of it. Each makes its place plainer by some measure that has a
/// least value, so that applying them over and over ends.
namespace bv::sim {

struct simplification {
  std::string_view name;
  /// How many places there are; place numbers go from 0.
  std::size_t (*places)(const plan&);
  /// False: the place is as plain as this can make it, and the plan is as it was.
  bool (*apply)(plan&, std::size_t place);
  bool of_workload;  ///< changes what clients do, not the conditions under which they do it
};

/// Network, clocks, processor, disks, limits, topology, phases.
std::span<const simplification> simpler_conditions();
/// What the faults are and when they strike.
std::span<const simplification> simpler_faults();
/// What the clients send and when.
std::span<const simplification> simpler_scripts();

/// Sets a field to its plain value. False: it had it.
template <class T>
bool set_to(T& field, const T& plain) {
  if (field == plain) return false;
  field = plain;
  return true;
}

/// Goes half of the way to the plain value; true if that changed the field and it is not yet there.
template <class T>
bool go_halfway(T& field, const T& plain) {
  const T halfway = static_cast<T>(plain + (field - plain) / 2);
  return halfway != plain && set_to(field, halfway);
}

/// One step towards the plain value, for the last steps to it; false if it is far.
template <class T>
bool go_one_step(T& field, const T& plain) {
  if (field <= plain + 1 || field - plain > 20) return false;
  --field;
  return true;
}

/// Cuts a time to whole multiples of `grain`; never to nothing.
inline bool round_to(duration& time, duration grain) {
  const auto rounded = time - time % grain;
  return rounded != duration{} && set_to(time, rounded);
}

}  // namespace bv::sim
