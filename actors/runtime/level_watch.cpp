#include "actors/runtime/level_watch.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace bv::runtime {
namespace {

error not_level(storage::shard_id shard, bool known) {
  return {error_kind::unavailable, "not_level",
          known ? "this node has not got everything in time that its cluster has committed"
                : "nobody could say in time how far the shard is committed: is a majority of its voters there?",
          "shard " + std::to_string(shard.value), 1000};
}

}  // namespace

void level_watch::wait(std::uint64_t now_ms, std::uint64_t until_ms, level_handler done) {
  if (waiting_.size() >= waiting_max)
    return done(failure(error_kind::overloaded, "overloaded", "too many wait until the shard is level"));
  waiting_.push_back({next_number_++, until_ms, now_ms + ask_again_after_ms, {}, false, std::move(done)});
  around_.ask(waiting_.back().number);
}

void level_watch::on_end(std::uint64_t number, storage::log_index committed) {
  const auto asked = std::ranges::find(waiting_, number, &waiting::number);
  if (asked == waiting_.end() || asked->known) return;
  asked->known = true;
  asked->committed = committed;
}

void level_watch::go_on(std::uint64_t now_ms, storage::log_index taken_in) {
  std::vector<std::uint64_t> ask;
  std::vector<waiting> over;
  std::erase_if(waiting_, [&](waiting& one) {
    if ((!one.known || taken_in < one.committed) && now_ms < one.until_ms) {
      if (!one.known && now_ms >= one.ask_at_ms) {
        one.ask_at_ms = now_ms + ask_again_after_ms;
        ask.push_back(one.number);
      }
      return false;
    }
    over.push_back(std::move(one));
    return true;
  });
  for (auto& one : over)
    one.done(one.known && taken_in >= one.committed ? result<storage::log_index>(one.committed)
                                                    : failure(not_level(shard_, one.known)));
  for (const auto number : ask) around_.ask(number);
}

void level_watch::fail_all(const error& why) {
  for (const auto& one : std::exchange(waiting_, {})) one.done(failure(why));
}

}  // namespace bv::runtime
