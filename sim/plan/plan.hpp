#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/commerce/payment_processor.hpp"
#include "actors/runtime/limits.hpp"
#include "protocols/schema/base/time.hpp"

/// A plan is one run with nothing left to chance but what the seed decides while it runs (whose turn it is, how long a
/// message takes). A scenario and a seed give a plan (draw.hpp); a plan written as a scenario gives itself again, so
/// that the shrinker can take things away from it and hand people the file that is left.
namespace bv::sim {

/// Members by members. Here, because those two structs are used widely and compared nowhere else; it doesn't compile any
/// more if one of them gets another member.
bool operator==(const runtime::limits& a, const runtime::limits& b);
bool operator==(const commerce::processor_options& a, const commerce::processor_options& b);

/// A delay that is drawn anew each time, uniformly.
struct span {
  duration min{}, max{};
  friend bool operator==(const span&, const span&) = default;
};

enum class storage_tier {
  memory,  ///< the journal in memory: quick, bit-exact
  rocks    ///< the journal of production on real files: torn writes, real recovery
};

struct topology {
  std::uint16_t nodes = 1;  ///< n1, n2 …
  std::uint16_t shards = 4;
  storage_tier tier = storage_tier::memory;
  std::uint16_t founders = 0;  ///< of a cluster; the other nodes wait until an operator lets them in. 0: all
  std::uint16_t replicas = 0;  ///< nodes that vote on a shard: all nodes are one cluster. 0: each hosts a shop of its own
  duration lost_after = std::chrono::minutes{5};  ///< of a cluster: then others vote in a silent node's place
  std::uint32_t message_bytes_max = 1U << 20;  ///< of a cluster: of a log's entries in one message; a larger entry goes alone
  std::uint32_t uncommitted_max = 1024;        ///< of a cluster: batches that a shard's leader proposes before they are committed
  [[nodiscard]] bool clustered() const { return replicas > 0; }
  [[nodiscard]] std::uint16_t founding_nodes() const { return founders == 0 || founders > nodes ? nodes : founders; }
  /// The shop that a node is part of: the number of its first node.
  [[nodiscard]] std::uint16_t shop_of(std::uint16_t node) const { return clustered() ? std::uint16_t{0} : node; }
  friend bool operator==(const topology&, const topology&) = default;
};

/// What a message between two ends of a link meets. The ends: clients, nodes, the payment processor.
struct link_conditions {
  span delay{std::chrono::microseconds{200}, std::chrono::milliseconds{2}};
  std::uint32_t loss_percent = 0;
  std::uint32_t duplicate_percent = 0;
  bool cut = false;
  friend bool operator==(const link_conditions&, const link_conditions&) = default;
};

/// A node's wall clock, against the world's.
struct clock_setting {
  duration ahead_by{};          ///< negative: behind
  std::int64_t drift_ppm = 0;   ///< microseconds that it gains in a second
  friend bool operator==(const clock_setting&, const clock_setting&) = default;
};

/// How a client deals with silence and with "try again".
struct patience {
  duration answer_within = std::chrono::seconds{2};  ///< then the same command id is sent again
  span pause{std::chrono::milliseconds{50}, std::chrono::milliseconds{500}};  ///< before it is
  std::uint32_t attempts_max = 50;
  friend bool operator==(const patience&, const patience&) = default;
};

/// One thing that a client does; it goes on when the thing is done.
struct ask_step {
  std::string entity;       ///< "cart/ada": type and id, in the default tenant
  std::string command;      ///< member of the contract's Command union
  std::string body = "{}";  ///< JSON
  std::uint32_t copies = 1; ///< sent at the same time, all under one command id
  bool optional = false;    ///< goes on if it is refused; otherwise the client ends there
  friend bool operator==(const ask_step&, const ask_step&) = default;
};
struct view_step {
  std::string entity;
  bool stale = false;       ///< what the node has will do
  friend bool operator==(const view_step&, const view_step&) = default;
};
/// Looks again and again until a field of the state has one of some values.
struct await_step {
  std::string entity;
  std::string path;                 ///< of the field, "status" or "lines.0.sku"
  std::vector<std::string> values;  ///< as JSON has them, text without quotes
  duration within = std::chrono::seconds{60};
  bool required = false;            ///< the run fails if it does not come
  friend bool operator==(const await_step&, const await_step&) = default;
};
struct wait_step {
  duration time{};
  friend bool operator==(const wait_step&, const wait_step&) = default;
};
using client_step = std::variant<ask_step, view_step, await_step, wait_step>;

/// Somebody who talks to a node, one step after the other.
struct client_script {
  std::string name;       ///< unique; the principal of its commands unless `user` says otherwise
  std::string user;       ///< empty: as `name`. Two clients of one user are two devices
  duration start{};       ///< after the world's beginning
  std::uint16_t node = 0; ///< number of the node that it talks to, from 0
  std::vector<client_step> steps;
  friend bool operator==(const client_script&, const client_script&) = default;
};

/// When a fault strikes. Exactly one of the first three is set.
struct trigger {
  std::optional<duration> at;  ///< after the world's beginning

  struct event_match {
    std::string type;        ///< "saga.stepDone": aggregate type and event
    std::string id_prefix;   ///< how the entity's id begins ("checkout-"), or empty
    std::string field;       ///< a top-level field of the event, or empty
    std::string value;       ///< what it must be, as JSON has it
    std::uint32_t nth = 1;   ///< the how manieth time, from 1
    friend bool operator==(const event_match&, const event_match&) = default;
  };
  std::optional<event_match> on_event;  ///< once such an event is committed

  enum class write_moment {
    before,  ///< it never reaches the disk
    torn,    ///< part of it does (tier rocks; in tier memory as before)
    after    ///< it is on the disk, but nobody was told
  };
  struct journal_write {
    std::uint64_t number = 1;  ///< the how manieth of that node since the world's beginning, from 1, counted over restarts
    write_moment moment = write_moment::before;
    friend bool operator==(const journal_write&, const journal_write&) = default;
  };
  std::optional<journal_write> on_write;  ///< only for crash, disk_full and disk_error

  duration then_after{};  ///< this long after the event
  friend bool operator==(const trigger&, const trigger&) = default;
};

/// What happens to unsynced bytes when a node crashes.
enum class unsynced { lost, torn, kept, drawn };

struct crash_fault {
  duration down = std::chrono::seconds{1};
  unsynced in_flight = unsynced::drawn;
  friend bool operator==(const crash_fault&, const crash_fault&) = default;
};
/// The node is stopped as an operator does it, and then started again.
struct stop_fault {
  duration down = std::chrono::seconds{1};
  friend bool operator==(const stop_fault&, const stop_fault&) = default;
};
/// The node's actors get no turns; its disk and network go on.
struct pause_fault {
  duration lasts{};
  friend bool operator==(const pause_fault&, const pause_fault&) = default;
};
/// Writes fail; then there is room and the node restarts.
struct disk_full_fault {
  duration lasts{};
  friend bool operator==(const disk_full_fault&, const disk_full_fault&) = default;
};
/// One fsync fails.
struct disk_error_fault {
  duration restart_after = std::chrono::seconds{1};
  friend bool operator==(const disk_error_fault&, const disk_error_fault&) = default;
};
struct slow_disk_fault {
  duration lasts{};
  span write{};
  friend bool operator==(const slow_disk_fault&, const slow_disk_fault&) = default;
};
/// A byte of a committed batch flips; more than one replica can bear.
struct bit_rot_fault {
  friend bool operator==(const bit_rot_fault&, const bit_rot_fault&) = default;
};
struct clock_fault {
  clock_setting to{};
  friend bool operator==(const clock_fault&, const clock_fault&) = default;
};
/// Conditions of the link between two ends ("clients", "n1", "processor", "leader", "others"), for a while. `one_way`: from `a` to `b` only.
struct link_fault {
  std::string a, b;
  bool one_way = false;
  link_conditions conditions;
  duration lasts{};
  friend bool operator==(const link_fault&, const link_fault&) = default;
};
struct processor_fault {
  commerce::processor_behaviour behaviour{};
  span answer_after{};
  duration lasts{};
  friend bool operator==(const processor_fault&, const processor_fault&) = default;
};
/// An operator's or an outsider's command, sent once, past the network.
struct command_fault {
  ask_step what;
  friend bool operator==(const command_fault&, const command_fault&) = default;
};

using fault_action = std::variant<crash_fault, pause_fault, disk_full_fault, disk_error_fault, slow_disk_fault, bit_rot_fault,
                                  clock_fault, link_fault, processor_fault, command_fault, stop_fault>;

/// Instead of a node's number: whoever leads, when the fault strikes, the shard of the event that it waited for, else the
/// first one. Of a link "leader" is that node, and "others" are all nodes but the other end.
inline constexpr std::uint16_t the_leader = 0xffff;
inline constexpr std::string_view leader_name = "leader", others_name = "others";

struct fault {
  trigger when;
  std::uint16_t node = 0;  ///< number of the node that it strikes, if it strikes one; or the_leader
  fault_action what;
  friend bool operator==(const fault&, const fault&) = default;
};

/// A product that is there, in stock, when the clients begin.
struct shelf {
  std::string sku;
  std::uint32_t stock = 100;
  std::int64_t price_minor = 1250;  ///< USD cents
  friend bool operator==(const shelf&, const shelf&) = default;
};

/// Something that must be true of a state at the end.
struct expectation {
  std::string entity, path;
  std::vector<std::string> values;
  friend bool operator==(const expectation&, const expectation&) = default;
};

/// warm-up → chaos → heal → settle → check. Faults that are drawn strike during chaos; when it is over links, disks, clocks
/// and the processor are healed and crashed nodes come back.
struct phases {
  duration warm_up = std::chrono::seconds{1};
  duration chaos = std::chrono::seconds{60};
  duration settle_max = std::chrono::minutes{10};  ///< all must have come to rest by then
  /// Goes on this long after all is at rest: for what happens days later (expiry).
  duration linger{};
  friend bool operator==(const phases&, const phases&) = default;
};

/// The invariants' names are those of checkers::all(); empty means all of them.
struct plan {
  std::string scenario;
  std::uint64_t seed = 1;
  topology where;
  runtime::limits bounds;
  bool shuffle_turns = true;
  span journal_write{std::chrono::microseconds{300}, std::chrono::milliseconds{3}};
  link_conditions network;
  std::vector<clock_setting> clocks;  ///< by node; missing ones are exact
  commerce::processor_options processor;
  patience clients_patience;
  std::vector<shelf> shelves;
  std::vector<client_script> clients;
  std::vector<fault> faults;
  phases time;
  std::vector<expectation> expectations;
  std::vector<std::string> invariants;
  std::uint64_t steps_max = 20'000'000;  ///< turns and events; beyond it the run has failed (`runaway`)
  friend bool operator==(const plan&, const plan&) = default;
};

}  // namespace bv::sim
