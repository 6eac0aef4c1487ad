// What a node keeps in memory is bounded by the run's limits, and by what they can't send away:
//
//   entities that live   the limit, and those that must stay: a saga that is not over, an entity whose record is being
//                        written, or was a moment ago (the runtime sends the surplus away once a second)
//   work in flight       the limit for what asks to be let in, and wake-ups, which do not ask: one for each entity that
//                        has one registered

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

/// The runtime's tick, twice; longer where the plan lets a node's actors stand still.
constexpr duration surplus_stays_for = std::chrono::seconds{2};

duration longest_pause(const plan& of) {
  duration longest{};
  for (const auto& one : of.faults)
    if (const auto* pause = std::get_if<pause_fault>(&one.what)) longest = std::max(longest, pause->lasts);
  return longest;
}

class bounded_memory_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "bounded_memory";

  explicit bounded_memory_checker(const plan& of)
      : judge(invariant_name), window_(surplus_stays_for + longest_pause(of)), where_(of.where) {}

  void on_record(const observed_record& record, std::vector<violation>&) override {
    auto& node = nodes_[record.node];
    node.written.push_back(record.committed_at);
    forget_old(node, record.committed_at);
    if (record.wake_after == timestamp{})
      node.wakers.erase(record.entity.text());
    else
      node.wakers.insert(record.entity.text());
    if (record.entity.type() == "saga") see_saga(node, record);
  }

  void on_load(const node_load& load, timestamp at, std::vector<violation>& found) override {
    auto& node = nodes_[where_.shop_of(load.node)];  // of a cluster each node may host what any has written
    forget_old(node, at);
    check(load, node.sagas.size() + node.written.size(), node.wakers.size(), at, found);
  }

 private:
  struct node_memory {
    std::deque<timestamp> written;      ///< records, lately
    std::set<std::string> wakers;       ///< entities with a wake-up
    std::set<std::string> sagas;        ///< not over
  };

  static void see_saga(node_memory& node, const observed_record& record) {
    for (const auto& event : record.events) {
      if (event.name == "started") node.sagas.insert(record.entity.text());
      if (event.name == "completed" || event.name == "compensated" || event.name == "discarded")
        node.sagas.erase(record.entity.text());
    }
  }

  void forget_old(node_memory& node, timestamp now) const {
    while (!node.written.empty() && node.written.front() + window_ < now) node.written.pop_front();
  }

  void check(const node_load& load, std::size_t must_stay, std::size_t wakers, timestamp at, std::vector<violation>& found) {
    const auto live_max = load.entities_live_max + load.in_flight + static_cast<std::int64_t>(must_stay);
    if (load.entities_live > live_max)
      report(found, at,
             node_name(load.node) + " has " + std::to_string(load.entities_live) + " entities in memory; the limit is " +
                 std::to_string(load.entities_live_max) + ", and " + std::to_string(live_max - load.entities_live_max) +
                 " more could not be sent away");
    const auto in_flight_max = load.in_flight_max + static_cast<std::int64_t>(wakers);
    if (load.in_flight > in_flight_max)
      report(found, at,
             node_name(load.node) + " has " + std::to_string(load.in_flight) + " requests in flight; the limit is " +
                 std::to_string(load.in_flight_max) + ", and " + std::to_string(wakers) + " wake-ups");
  }

  const duration window_;
  const topology where_;
  std::map<std::uint16_t, node_memory> nodes_;
};

}  // namespace

invariant bounded_memory() {
  return {{bounded_memory_checker::invariant_name,
           "A node never has more entities in memory, nor more requests in flight, than its limits allow."},
          [](const plan& of) -> std::unique_ptr<checker> { return std::make_unique<bounded_memory_checker>(of); }};
}

}  // namespace bv::sim
