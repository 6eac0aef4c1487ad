#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/replication/raft_group.hpp"
#include "actors/runtime/random.hpp"
#include "sim/world/event_heap.hpp"
#include "sim/world/network.hpp"
#include "storage/memory_store.hpp"

/// Groups of one shard on virtual time, in-memory journals and a network of our making; and what must hold of them, checked
/// as it happens. One seed, one run.
namespace bv::replication {

struct cluster_conditions {
  std::uint64_t seed = 1;
  group_options group;
  sim::link_conditions links;
  duration disk_least = std::chrono::microseconds{200}, disk_most = std::chrono::milliseconds{3};
  duration tick = std::chrono::milliseconds{10};
};

/// Short timeouts, small memory: much happens in little time.
group_options quick_group();

class cluster;

/// One server: its disk outlives its process.
class replica final : public group_host, public transport, public group_listener, public storage::journal_listener {
 public:
  replica(cluster& world, server_id id);

  void start(const std::optional<configuration>& founders = {});
  /// As raft_group's: its disk is the only one that holds something.
  void start_with_history(const configuration& founders);
  /// The process is gone, and with it what is not durable.
  void crash();
  [[nodiscard]] bool up() const { return group != nullptr; }
  [[nodiscard]] bool leads() const { return serving && up(); }
  /// Proposes a batch with `size` bytes of payload. Acknowledged when committed under the same leadership.
  result<void> propose(std::size_t size = 20);
  /// The durable bytes at an index; empty if there are none.
  [[nodiscard]] bytes durable_at(storage::log_index index) const;
  [[nodiscard]] storage::log_index durable_last() const { return store.log->bounds(storage::shard_id{}).last; }

  void post(std::function<void()> action) override;
  void in_background(std::function<void()> work) override { post(std::move(work)); }
  std::uint64_t now_ms() override;
  std::uint64_t random_below(std::uint64_t bound) override { return lots_.below(bound); }
  void send(message what) override;
  void on_committed(storage::log_index index) override;
  void on_leader(storage::term_number term, storage::log_index next) override;
  void on_follower(server_id leader) override;
  void on_control_entry() override {
    ++control_entries;
    if (before_control) before_control();
  }
  void on_log_truncated(storage::log_index from) override;
  void on_configuration(const configuration& members, storage::log_index index, bool committed) override;
  void on_feed_failed(server_id follower, const error& why) override;
  void on_failed(const error& why) override;
  void on_durable(storage::shard_id shard, storage::log_index index) override;
  void on_failed(storage::shard_id shard, storage::log_index index, const error& why) override;

  const server_id id;
  cluster& world;
  storage::memory_disk disk{1, storage::completion::by_hand};
  storage::store store;
  std::unique_ptr<raft_group> group;
  bool serving = false;
  bool disk_stuck = false;
  std::uint64_t leaderships = 0, truncations = 0, control_entries = 0;
  storage::log_index committed;
  configuration members;
  std::optional<error> failed;
  std::vector<error> feed_failures;
  std::function<void()> before_control;  ///< what the shard does when the group is about to take an index

 private:
  void write_later();
  void begin(const std::function<result<void>()>& how);

  std::uint64_t incarnation_ = 0;
  bool writing_ = false;
  runtime::random_source lots_;
  std::map<storage::log_index, bytes> proposed_;  ///< under this leadership, not yet committed
};

class cluster {
 public:
  explicit cluster(const cluster_conditions& with);
  ~cluster();
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// Servers 1 … count found the group together.
  void found(std::size_t count);
  replica& add_server();
  replica& at(std::uint64_t id) { return *servers.at(id - 1); }
  /// The one that leads the newest term, or null.
  replica* leader();
  void run_for(duration lasts);
  /// False if it did not come true in time.
  bool run_until(const std::function<bool()>& come_true, duration at_most);
  bool await_leader(duration at_most = std::chrono::seconds{5});
  /// A leader is up, and everything that is in its log is committed on all servers.
  bool await_agreement(duration at_most = std::chrono::seconds{30});
  /// Whatever must not be is a line here.
  void violate(std::string what);
  void isolate(server_id who);
  /// All others hear that their link with `who` is lost, or there again.
  void tell_link(server_id who, bool up);
  void cut(server_id from, server_id to);

  // What must hold.
  void check_committed(replica& teller, storage::log_index from, storage::log_index to);
  void check_leader(const replica& leader, storage::term_number term);
  void check_sent(const replica& sender, const message& what);
  [[nodiscard]] storage::log_index newest_committed() const {
    return committed.empty() ? storage::log_index{} : committed.rbegin()->first;
  }

  const cluster_conditions with;
  sim::event_heap time;
  sim::trace log;
  sim::network net;
  runtime::random_source lots;
  std::vector<std::unique_ptr<replica>> servers;
  std::map<storage::log_index, bytes> committed;
  storage::log_index given{1};  ///< how far founders say that the log is committed, though it is on no majority's disks
  std::map<std::uint64_t, server_id> leaders;                                ///< by term
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> ballots;  ///< by term and voter
  std::vector<std::string> violations;
  std::uint64_t acknowledged = 0, messages = 0, reads = 0, appended_bytes = 0;
  /// Sees every message that is sent; false loses it.
  std::function<bool(const message&)> passes;

 private:
  void tick_later(std::size_t index);
};

/// Checks that nothing was violated.
void sound(const cluster& world);
/// Proposes `count` batches at whoever leads, a millisecond apart.
void write(cluster& world, int count);
/// Asks the leader for a change and waits for its outcome; `never` if there is none.
result<void> change(cluster& world, const std::function<void(raft_group&, change_handler)>& ask);
replica& follower_of(cluster& world);

/// Asks for a read at `where` and checks the answer against what was committed when it was asked.
void read_at(cluster& world, replica& where);

}  // namespace bv::replication
