#include "actors/runtime/shard_log.hpp"

#include <utility>

namespace bv::runtime {
namespace {

constexpr storage::term_number only_term{1};

}  // namespace

unreplicated_log::unreplicated_log(storage::journal& log, storage::shard_id shard)
    : log_(log),
      shard_(shard),
      next_{log.bounds(shard).last.next(), log.bounds(shard).last_offset.next(), only_term} {}

void unreplicated_log::append(shared_bytes batch, storage::event_offset next_offset) {
  const auto index = next_.index;
  next_ = {index.next(), next_offset, only_term};
  log_.append(shard_, index, std::move(batch));
}

}  // namespace bv::runtime
