#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "actors/runtime/gateway.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/time.hpp"
#include "storage/types.hpp"

namespace bv::runtime {

/// A command that an entity has answered.
struct remembered_command {
  hash128_value id;
  std::uint64_t body_hash = 0;
  timestamp at;
  storage::log_index index;  ///< the reply may leave once this is committed
  bytes reply;               ///< encoded answer, see encode_reply
};

/// The command ids of one entity with their first answers, bounded by count and age. Part of the entity's
/// state: it is rebuilt from snapshot and journal like the rest.
class remembered_commands {
 public:
  /// Nothing if the id was never seen or is forgotten. Valid until the next call of remember().
  [[nodiscard]] const remembered_command* find(hash128_value id) const;

  /// Adds a command that is not there yet, then forgets the oldest beyond the bounds.
  void remember(remembered_command command, std::size_t count_max, duration age_max);

  [[nodiscard]] std::span<const remembered_command> oldest_first() const {
    return std::span(entries_).subspan(forgotten_);
  }

 private:
  /// Below this many a walk is quicker than a hash table, and an idle entity stays small.
  static constexpr std::size_t indexed_from = 16;

  void forget_oldest();

  /// The first `forgotten_` are dead; they are removed in one go once they are the larger half.
  std::vector<remembered_command> entries_;
  std::size_t forgotten_ = 0;
  std::uint64_t removed_ = 0;  ///< entries removed from the front of `entries_` so far
  /// By id the place in `entries_` plus `removed_`; empty while there are fewer than `indexed_from`.
  std::unordered_map<hash128_value, std::uint64_t> place_;
};

/// What a caller is answered: a receipt, or the rejection.
bytes encode_reply(const result<receipt>& answer);
/// The receipt comes back marked as repeated.
result<receipt> decode_reply(bytes_view reply);

}  // namespace bv::runtime
