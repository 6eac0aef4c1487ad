#include "actors/runtime/committed_reads.hpp"

#include <memory>
#include <utility>

#include "actors/runtime/entity.hpp"
#include "actors/runtime/shard.hpp"

namespace bv::runtime {
namespace {

result<entity_view> look(storage::store& store, storage::shard_id shard, const committed_reads::question& at,
                         const limits& bounds) {
  BV_ASSIGN(const auto found, recover_entity(store, shard, at.who, *at.type, bounds));
  return entity_view{.version = found.version, .state = at.type->encode(*found.state)};
}

}  // namespace

void committed_reads::read(question what) {
  waiting_.push_back(std::move(what));
  go_on();
}

void committed_reads::go_on() {
  while (under_way_ < under_way_max && !waiting_.empty()) {
    const auto next = std::make_shared<const question>(std::move(waiting_.front()));
    waiting_.pop_front();
    if (next->deadline <= around_.time.now()) {
      next->then(failure(error_kind::timeout, "deadline_passed", "the disk did not get to it inside the deadline"));
      continue;
    }
    ++under_way_;
    around_.host.in_background([this, next, &store = around_.store, &bounds = around_.bounds, &host = around_.host, shard = shard_] {
      host.post([this, next, found = std::make_shared<result<entity_view>>(look(store, shard, *next, bounds))] {
        --under_way_;
        next->then(std::move(*found));
        go_on();
      });
    });
  }
}

}  // namespace bv::runtime
