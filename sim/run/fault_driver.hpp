#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/observe/observation.hpp"
#include "sim/plan/plan.hpp"
#include "sim/world/world.hpp"

namespace bv::sim {

/// Lets the plan's faults strike, and mends what they did. Nothing strikes from inside a node's turn. One thread.
class fault_driver {
 public:
  struct surroundings {
    const plan& what;
    world& in;
    trace& log;
    const std::vector<const schema::aggregate_contract*>& contracts;
    std::function<void(const ask_step&)> send;          ///< an operator's command
    std::function<void(const std::string& node, const error&)> start_failed;
    std::function<void(const std::string& node, const std::string& request)> unanswered;  ///< by a node that stops
  };
  explicit fault_driver(surroundings around) : around_(std::move(around)), matched_(around_.what.faults.size(), 0) {}

  /// From now on: what is timed counts from here.
  void arm();
  /// Chaos is over: nothing strikes any more, links, disks, clocks and the processor are as they should be, and whoever is
  /// down comes back.
  void heal();

  void on_record(const observed_record& record);
  void on_write(std::uint16_t node, std::uint64_t number);

 private:
  void strike(const fault& one, storage::shard_id shard = {});
  /// Null: nobody takes itself for it.
  [[nodiscard]] sim_node* leader_of(storage::shard_id shard);
  /// What an end of a link stands for now; empty: nothing.
  [[nodiscard]] std::vector<std::string> ends_of(const std::string& end, const std::string& other, storage::shard_id shard);
  void strike_links(const link_fault& how, storage::shard_id shard);
  void begin(const crash_fault& how, sim_node& at);
  void begin(const stop_fault& how, sim_node& at);
  void begin(const pause_fault& how, sim_node& at);
  void begin(const disk_full_fault& how, sim_node& at);
  void begin(const disk_error_fault& how, sim_node& at);
  void begin(const slow_disk_fault& how, sim_node& at);
  void begin(const bit_rot_fault& how, sim_node& at);
  void begin(const clock_fault& how, sim_node& at);
  void begin(const link_fault& how, sim_node& at);
  void begin(const processor_fault& how, sim_node& at);
  void begin(const command_fault& how, sim_node& at);
  void start(sim_node& one);
  void restart(sim_node& one);
  void restart_after(duration down, sim_node& one);
  void later(duration after, std::function<void()> action);
  void tell(std::string where, std::string what);
  /// Tells that it begins, and that it is over once it is mended: after this time, or when all is healed.
  void begin_lasting(std::string where, std::string what, duration lasts, std::function<void()> mend);
  void tell_over(const std::pair<std::string, std::string>& place_and_what);
  [[nodiscard]] bool matches(const trigger::event_match& wanted, const observed_record& record) const;

  const surroundings around_;
  std::vector<std::pair<std::string, std::string>> lasting_;  ///< where, and what
  std::vector<std::uint32_t> matched_;  ///< by fault: events that its trigger has matched so far
  std::vector<std::uint64_t> writes_before_;  ///< by node: journal writes before the beginning
  bool armed_ = false;
};

}  // namespace bv::sim
