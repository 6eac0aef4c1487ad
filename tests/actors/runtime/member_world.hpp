#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/runtime/random.hpp"
#include "actors/runtime/shard_member.hpp"
#include "sim/world/event_heap.hpp"
#include "sim/world/virtual_time.hpp"
#include "storage/memory_store.hpp"
#include "tests/actors/runtime/shard_world.hpp"

namespace bv::test {

class member_world;

/// A node of the cluster with its one shard: its disk outlives its process.
class seat final : public runtime::shard_host,
                   public replication::group_host,
                   public runtime::commit_listener,
                   public runtime::gateway,
                   public storage::journal_listener {
 public:
  seat(member_world& world, runtime::node_id id);
  ~seat() override;

  // --- what a test does ---
  void start();
  /// The process is gone, and with it what is not durable.
  void crash();
  [[nodiscard]] bool up() const { return member_ != nullptr; }
  [[nodiscard]] bool serves() const { return up() && member_->replica().serving(); }
  runtime::shard_member& member() { return *member_; }
  runtime::shard_replica& replica() { return member_->replica(); }
  runtime::feature_gate& features() { return links_.features(); }
  runtime::shard_links& links() { return links_; }
  shard_world::answer send(std::string id, counter::command command, std::string command_id = {});
  shard_world::view_answer look(std::string id, runtime::consistency wanted = runtime::consistency::linearizable);
  /// Begins to stop; true once it has.
  std::shared_ptr<const bool> stop();
  /// Its disk writes nothing until it is false again.
  void stick_disk(bool stuck);

  const runtime::node_id id;
  storage::memory_disk disk{1, storage::completion::by_hand};
  storage::store store;
  runtime::shard_metrics measured;
  runtime::shard_standing standing;
  std::optional<result<void>> started;
  std::vector<std::uint64_t> took_effect;  ///< indexes of batches, in the order in which this process told of them
  std::vector<bool> led;  ///< whether it served from then on, each time
  std::vector<std::string> noted;
  std::size_t background_works = 0;
  duration background_takes{};

  // --- what member and shard ask for ---
  void post(std::function<void()> action) override;
  std::shared_ptr<const runtime::shard_door> door() override { return nullptr; }
  void post_after(duration delay, std::function<void()> action) override;
  void recover(const entity_key& who, std::uint64_t tenure) override;
  void in_background(std::function<void()> work) override;
  std::uint64_t now_ms() override;
  std::uint64_t random_below(std::uint64_t bound) override { return lots_.below(bound); }
  void on_begun(storage::shard_id, storage::event_offset) override {}
  void on_led(storage::shard_id, bool here) override { led.push_back(here); }
  void on_committed(storage::shard_id, runtime::committed_batch batch) override { took_effect.push_back(batch.index.value); }
  void ask(runtime::command_request request, runtime::receipt_handler answer) override;
  void view(runtime::view_request request, runtime::view_handler answer) override;
  void on_durable(storage::shard_id, storage::log_index index) override;
  void on_failed(storage::shard_id, storage::log_index, const error& why) override;
  void on_rot(storage::shard_id, storage::log_index index, const error& why) override;

 private:
  friend member_world;
  class wire;
  void write_later();
  void tick_later();

  member_world& world_;
  sim::node_clock clock_;
  runtime::random_source lots_;
  std::uint64_t incarnation_ = 0;
  bool disk_stuck_ = false, writing_ = false;
  runtime::note_handler notes_ = [this](const runtime::note& n) { noted.emplace_back(n.message); };
  const std::unique_ptr<wire> wire_;
  runtime::roster roster_;
  runtime::shard_links links_;
  runtime::transfer_permits permits_;
  const runtime::cluster_place place_;
  std::unique_ptr<runtime::shard_member> member_;
  std::unique_ptr<runtime::shard> shard_;
};

/// The members of one shard's group on virtual time, without CAF: disks write in a millisecond, frames take one.
class member_world {
 public:
  explicit member_world(std::size_t count = 3, replication::group_options group = {}, runtime::limits bounds = {});
  /// All processes end before the first seat is gone: each tells the others.
  ~member_world();

  seat& at(std::uint64_t id) { return *seats.at(id - 1); }
  /// The one that serves; it is there.
  seat& leader();
  seat& other_than(const seat& one);
  void run_for(duration lasts);
  /// False if it did not come true in time.
  bool run_until(const std::function<bool()>& come_true, duration at_most = std::chrono::seconds{20});
  /// One serves, and all that are up know it and have taken in what it has.
  void settle();
  /// Frames between the two are lost.
  void cut(const seat& one, const seat& other) { cuts.insert({one.id, other.id}), cuts.insert({other.id, one.id}); }
  void isolate(const seat& one);
  /// Both ends hear that their link is lost, or made.
  void link(seat& one, seat& other, bool up);
  std::int64_t sum_of(seat& at, std::string id);

  const replication::group_options group;
  const runtime::limits bounds;
  runtime::node_id history;  ///< who brings the log, from the next start() on
  const runtime::aggregate_types types{{"counter", make_counter()}};
  sim::event_heap time{timestamp{1'700'000'000'000'000'000}};
  std::set<std::pair<runtime::node_id, runtime::node_id>> cuts, unlinked;
  std::vector<std::pair<runtime::node_id, runtime::frames::content>> strays;  ///< to nodes that there are not
  std::vector<std::unique_ptr<seat>> seats;
};

}  // namespace bv::test
