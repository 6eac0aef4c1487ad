#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/runtime/projection.hpp"
#include "storage/table.hpp"

namespace bv::runtime {

/// One table being computed from the log: the rows, and how far each shard was read. Belongs to one actor.
class projection_track {
 public:
  static result<std::unique_ptr<projection_track>> open(storage::table_store& tables, std::string table_name,
                                                        std::uint16_t shard_count);

  /// Applies the next page of each shard and writes rows and cursors in one piece. True if a shard has more. `wanted`
  /// is what the rules are interested in.
  result<bool> advance(const projection& rules, event_log& log, std::span<const event_interest> wanted,
                       std::size_t page_size_bytes_max);

  [[nodiscard]] const std::shared_ptr<storage::table>& table() const { return table_; }
  [[nodiscard]] const std::string& table_name() const { return name_; }
  /// Offsets of all shards together.
  [[nodiscard]] std::uint64_t through() const;

 private:
  /// Events of all shards that may have been passed over since the cursors were last written: a start reads them again.
  static constexpr std::uint64_t unwritten_events_max = 10'000;
  static constexpr std::size_t cache_size_bytes_max = std::size_t{8} << 20;

  projection_track(std::string name, std::shared_ptr<storage::table> table) : name_(std::move(name)), table_(std::move(table)) {}

  std::string name_;
  std::shared_ptr<storage::table> table_;
  std::vector<storage::event_offset> cursors_;
  std::vector<storage::event_offset> written_;  ///< what the table says
};

}  // namespace bv::runtime
