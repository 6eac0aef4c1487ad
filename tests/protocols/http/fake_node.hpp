#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "actors/runtime/event_log.hpp"
#include "actors/runtime/gateway.hpp"
#include "protocols/schema/base/hash.hpp"

namespace bv::http::test {

/// A node without shards' actors and without a disk: it decides at once and answers on a thread of its own,
/// as the real one does. Keeps to what gateway.hpp and event_log.hpp promise.
class fake_node final : public runtime::gateway, public runtime::event_log {
 public:
  static constexpr std::uint16_t shards = 4;

  explicit fake_node(std::vector<std::shared_ptr<const runtime::aggregate_type>> types);
  ~fake_node() override;

  void ask(runtime::command_request request, runtime::receipt_handler answer) override;
  void view(runtime::view_request request, runtime::view_handler answer) override;

  std::uint16_t shard_count() const override { return shards; }
  result<runtime::event_page> read(storage::shard_id shard, storage::event_offset after,
                                   std::size_t size_bytes_max, std::span<const runtime::event_interest> wanted) override;
  storage::event_offset end(storage::shard_id shard) const override;
  result<std::vector<runtime::logged_event>> history(const entity_key& entity, std::uint64_t after_version,
                                                     std::size_t count_max) override;
  std::shared_ptr<void> follow(growth_handler grown) override;

  /// From now on every question fails with this; nothing: it works again.
  void fail_with(std::optional<error> why);
  /// What stale views say of themselves.
  void stand(runtime::staleness how);
  /// What the last view wanted.
  runtime::consistency last_wanted() const;
  /// The last command that was asked, whatever came of it.
  runtime::command_request last_request() const;
  /// Offsets up to this are dropped: reading them is an error.
  void drop_through(storage::shard_id shard, storage::event_offset through);
  std::size_t reads() const;

 private:
  struct entity {
    std::unique_ptr<runtime::entity_state> state;
    std::uint64_t version = 0;
    std::map<std::string, std::pair<std::uint64_t, runtime::receipt>> remembered;
  };

  result<runtime::receipt> decide(const runtime::command_request& request);
  entity& find(const entity_key& key);
  const runtime::aggregate_type* type_of(const entity_key& key) const;
  static storage::shard_id shard_of(const entity_key& key);
  void later(std::function<void()> job);

  std::vector<std::shared_ptr<const runtime::aggregate_type>> types_;
  mutable std::mutex guard_;
  std::map<entity_key, entity> entities_;
  std::vector<std::vector<runtime::logged_event>> logs_;
  std::vector<storage::event_offset> dropped_;
  std::map<int, growth_handler> followers_;
  int next_follower_ = 0;
  std::optional<error> failing_;
  runtime::command_request last_;
  runtime::staleness staleness_{.leader_known = true, .batches_behind = 0};
  runtime::consistency last_wanted_ = runtime::consistency::linearizable;
  std::size_t reads_ = 0;

  std::mutex jobs_guard_;
  std::condition_variable jobs_changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bv::http::test
