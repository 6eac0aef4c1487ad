#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "actors/replication/types.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "storage/journal.hpp"
#include "storage/types.hpp"

namespace bv::sim {

/// What the replicas of a cluster's shards tell one another and commit, held against what is on their disks. Nodes go by
/// their ids. One thread.
class replica_book {
 public:
  using complaint = std::function<void(std::string_view invariant, std::string what)>;
  /// `voters`: of how many nodes a majority must agree, at least.
  replica_book(std::size_t voters, complaint broken) : majority_(voters / 2 + 1), broken_(std::move(broken)) {}

  /// A batch is on a node's disk now.
  void written(std::uint64_t node, storage::shard_id shard, storage::log_index index, bytes_view data);
  /// A node, which is in `now`, drops all batches from there on.
  void truncated(std::uint64_t node, storage::shard_id shard, storage::log_index from, storage::term_number now);
  /// A node holds `data` to be committed at that place. True if nobody told it before.
  bool add(std::uint64_t node, storage::shard_id shard, storage::log_index index, bytes_view data);
  /// A node, which is in `now`, is the first to hold everything up to `index` to be committed.
  void first_to_commit(std::uint64_t node, storage::shard_id shard, storage::log_index index, storage::term_number now);

  /// What the sender's disk holds of the shard at that moment.
  struct on_disk {
    storage::hard_state hard;
    storage::log_index last;
  };
  void sent(std::uint64_t from, std::uint64_t to, storage::shard_id shard, const replication::body& what, const on_disk& disk);

 private:
  struct batch {
    std::uint64_t hash = 0;
    storage::term_number term;
  };
  using place = std::pair<storage::shard_id, storage::log_index>;
  using shard_term = std::pair<storage::shard_id, std::uint64_t>;

  void vote(std::uint64_t voter, std::uint64_t candidate, const shard_term& in);
  void lead(std::uint64_t node, const shard_term& in);

  const std::size_t majority_;
  const complaint broken_;
  std::map<place, batch> committed_;
  std::map<place, std::map<std::uint64_t, std::uint64_t>> held_;  ///< on disks: hashes by node
  /// What a node told the leader of a term last that it has, by shard and node.
  struct told {
    std::uint64_t term = 0, last = 0;
  };
  std::map<std::pair<storage::shard_id, std::uint64_t>, told> told_;
  std::map<shard_term, std::map<std::uint64_t, std::uint64_t>> votes_;  ///< candidates by voter
  std::map<shard_term, std::uint64_t> leaders_;
};

}  // namespace bv::sim
