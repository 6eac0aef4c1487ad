#include "actors/replication/log_writer.hpp"

#include <utility>

namespace bv::replication {

result<void> log_writer::append(std::vector<entry> entries, std::uint64_t ticket) {
  waiting_.push_back(queued_append{std::move(entries), ticket});
  return go_on();
}

result<void> log_writer::truncate(storage::log_index from) {
  waiting_.push_back(from);
  return go_on();
}

result<std::uint64_t> log_writer::durable(storage::log_index through) {
  std::uint64_t ticket = 0;
  for (; !in_flight_.empty() && in_flight_.front().last <= through; in_flight_.pop_front())
    ticket = in_flight_.front().ticket;
  BV_TRY(go_on());
  return ticket;
}

result<void> log_writer::go_on() {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    if (const auto* const from = std::get_if<storage::log_index>(&waiting_.front())) {
      if (!in_flight_.empty()) return {};
      BV_TRY(log_.truncate_suffix(shard_, *from));
    } else {
      auto& append = std::get<queued_append>(waiting_.front());
      in_flight_.push_back({append.entries.back().index, append.ticket});
      for (auto& one : append.entries) log_.append(shard_, one.index, std::move(one.data));
    }
  }
  return {};
}

}  // namespace bv::replication
