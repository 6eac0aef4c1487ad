#include "actors/replication/log_feed.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/mutation.hpp"
#include "storage/batch.hpp"

namespace bv::replication {

using storage::log_index;

log_feed::log_feed(log_index next, const feed_options& options, seams around)
    : options_(options), around_(std::move(around)), next_(std::max(next, log_index{1})) {}

void log_feed::go_on(log_index last, std::uint64_t now_ms) {
  last_ = last;
  if (under_way_.empty())
    moved_ms_ = now_ms;
  else if (now_ms - moved_ms_ >= options_.resend_after_ms) {
    moved_ms_ = now_ms;
    restart(match_.value > 0 ? match_.next() : log_index{under_way_.front().previous + 1});
  }
  if (reading_ || next_ > last_ || under_way_bytes_ >= options_.window_bytes) return;
  reading_ = true;
  // The entry before goes along only to learn its term.
  const bool with_previous = next_ > log_index{1} && previous_term_ == 0;
  const log_index from{next_.value - (with_previous ? 1 : 0)};
  around_.read(from, options_.chunk_bytes, [this, attempt = attempt_, alive = std::weak_ptr(alive_)](auto page) {
    if (alive.expired()) return;
    reading_ = false;
    if (attempt == attempt_) on_page(std::move(page));
  });
}

void log_feed::on_page(result<std::vector<storage::log_entry>> page) {
  if (!page) return around_.failed(page.error());
  if (page->empty()) return;
  if (page->front().index < next_) {
    const auto before = storage::batch_reader::open(page->front().data);
    if (!before) return around_.failed(before.error());
    previous_term_ = before->term().value;
    page->erase(page->begin());
  }
  if (mutated(mutation::feed_leaves_an_entry_out) && page->size() > 1) page->erase(page->begin());
  if (!page->empty()) send(std::move(*page));
}

void log_feed::send(std::vector<storage::log_entry> page) {
  append_request request{.previous_index = next_.value - 1, .previous_term = previous_term_, .entries = {}};
  std::size_t size_bytes = 0;
  for (auto& one : page) {
    const auto batch = storage::batch_reader::open(one.data);
    if (!batch) return around_.failed(batch.error());
    previous_term_ = batch->term().value;
    size_bytes += one.data.size();
    request.entries.push_back(std::move(one.data));
  }
  next_ = page.back().index.next();
  under_way_.push_back({request.previous_index, page.back().index.value, size_bytes});
  under_way_bytes_ += size_bytes;
  around_.send(std::move(request));
}

void log_feed::on_answer(const append_answer& answer, std::uint64_t now_ms) {
  if (answer.rejected == 0) {
    if (answer.last_index <= match_.value) return;
    match_ = log_index{answer.last_index};
    moved_ms_ = now_ms;
    step_back_ = 1;
    for (; !under_way_.empty() && under_way_.front().last <= match_.value; under_way_.pop_front())
      under_way_bytes_ -= under_way_.front().size_bytes;
    if (next_ <= match_ || (!under_way_.empty() && under_way_.front().refused)) restart(match_.next());
    return;
  }
  // Not of the feed: a heartbeat asked about the leader's end. Or late.
  const auto refused = std::ranges::find(under_way_, answer.rejected, &chunk::previous);
  if (refused == under_way_.end() || answer.rejected <= match_.value) return;
  if (refused != under_way_.begin()) {
    // It overtook those before it, or they are lost: to be sent again once they have come.
    refused->refused = true;
    return;
  }
  moved_ms_ = now_ms;
  const auto back = std::min(answer.rejected, answer.last_index + 1);
  restart(log_index{std::max(back > step_back_ ? back - step_back_ : 1, match_.value + 1)});
  step_back_ *= 2;
}

void log_feed::restart(log_index next) {
  next_ = next;
  previous_term_ = 0;
  under_way_.clear();
  under_way_bytes_ = 0;
  ++attempt_;
}

}  // namespace bv::replication
