#include "actors/replication/read_rounds.hpp"

#include <iterator>
#include <utility>

namespace bv::replication {

void read_rounds::begin(storage::log_index committed) {
  asked_ = std::exchange(waiting_, {});
  agreed_.clear();
  index_ = committed;
  ++round_;
}

void read_rounds::on_answer(server_id from, std::uint64_t round) {
  if (round == round_) agreed_.insert(from);
}

std::vector<read_handler> read_rounds::take_confirmed(const configuration& members, server_id self) {
  std::size_t agreed = votes(members, self) ? 1 : 0;
  for (const auto who : agreed_)
    if (who != self && votes(members, who)) ++agreed;
  if (agreed <= voters_of(members) / 2) return {};
  return std::exchange(asked_, {});
}

std::vector<read_handler> read_rounds::take_all() {
  auto all = std::exchange(asked_, {});
  all.insert(all.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  return all;
}

}  // namespace bv::replication
