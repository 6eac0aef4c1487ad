// What the algorithm asks of the world, and what the journal and the network answer.
#include <algorithm>
#include <utility>

#include "actors/replication/raft_group.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::replication {

using storage::log_index;

void raft_group::save(const storage::hard_state& state) {
  if (!failure_) check(around_.log.write_hard_state(shard_, state));
}

void raft_group::check(const result<void>& outcome) {
  if (!outcome) fail(outcome.error());
}

void raft_group::fail(error why) {
  // Not told here: the algorithm may be in the middle of something.
  if (!failure_) failure_ = std::move(why);
}

void raft_group::append(log_index first, std::vector<entry_label> entries, std::uint64_t ticket) {
  if (failure_) return;
  std::vector<entry> sealed;
  for (auto index = first; auto& label : entries) {
    const auto given = std::ranges::find(incoming_, index, &entry::index);
    if (given != incoming_.end()) {
      sealed.push_back(*given);
    } else if (label.kind == entry_kind::batch) {
      BV_ASSERT(proposal_, "a batch is appended that nobody proposed");
      auto opened = open_entry(std::exchange(proposal_, {}));
      BV_ASSERT(opened && opened->index == index, "a proposal was sealed for another index");
      sealed.push_back(*std::move(opened));
    } else {
      sealed.push_back(seal_entry(index, next_offset_, label.term, label.kind, label.members));
    }
    next_offset_ = sealed.back().next_offset;
    cache_.add(sealed.back());
    index = index.next();
  }
  check(writer_.append(std::move(sealed), ticket));
}

void raft_group::truncate(log_index from) {
  if (failure_) return;
  cache_.truncate(from);
  truncated_ = truncated_ ? std::min(*truncated_, from) : from;
  check(writer_.truncate(from));
}

void raft_group::send(server_id to, body what, std::size_t entries) {
  if (auto* const request = std::get_if<append_request>(&what)) return send_entries(to, std::move(*request), entries);
  send_message(to, std::move(what));
}

void raft_group::send_entries(server_id to, append_request what, std::size_t entries) {
  const auto committed = what.committed;
  std::size_t sent_bytes = 0;
  do {
    append_request part{what.term, what.previous_index, what.previous_term, 0, {}};
    std::size_t size_bytes = 0;
    for (; entries > 0; --entries) {
      const auto* const next = cache_.find(log_index{what.previous_index + 1});
      BV_ASSERT(next, "the cache forgot what the algorithm still sends");
      // A configuration leaves when it is on this disk. If it were lost here, and only a server that it takes the vote of
      // had it, that server's log would be the longest, and it could neither be elected nor vote for another.
      if (next->kind == entry_kind::configuration && next->index > around_.log.bounds(shard_).last) {
        entries = 0;
        break;
      }
      if (!part.entries.empty() && size_bytes + next->data->size() > options_.message_bytes_max) break;
      size_bytes += next->data->size();
      part.entries.push_back(*next->data);
      what.previous_index = next->index.value;
      what.previous_term = next->term.value;
    }
    // A follower takes everything that it has up to here for committed: so no further than this message reaches.
    part.committed = mutated(mutation::message_commits_too_much) ? committed : std::min(committed, what.previous_index);
    sent_bytes += size_bytes;
    send_message(to, std::move(part));
  } while (entries > 0 && sent_bytes < options_.send_bytes_max);
}

void raft_group::send_message(server_id to, body what) {
  if (!failure_) around_.peers.send({shard_.value, self_.value, to.value, std::move(what)});
}

// --- The journal -------------------------------------------------------------------------------------------------

void raft_group::on_journal_failed(const error& why) {
  fail(why);
  settle();
}

void raft_group::on_durable(log_index through) {
  if (failure_) return;
  const auto ticket = writer_.durable(through);
  if (!ticket) {
    fail(ticket.error());
  } else if (phase_ == phase::founding) {
    check(run(std::exchange(founded_, {})));
  } else if (*ticket > 0) {
    consensus_->durable(*ticket);
  }
  settle();
}

// --- Feeds -------------------------------------------------------------------------------------------------------

void raft_group::start_feed(server_id to) {
  const auto follower = consensus_->follower(to);
  if (!follower || feeds_.contains(to)) return;
  log_feed::seams around{
      .read = [this](log_index from, std::size_t size_bytes, auto then) { read_log(from, size_bytes, std::move(then)); },
      .send =
          [this, to](append_request what) {
            const auto now = consensus_->view();
            what.term = now.term.value;
            what.committed = std::min(now.committed.value, what.previous_index + what.entries.size());
            send_message(to, std::move(what));
          },
      .failed =
          [this, to](const error& why) {
            broken_feeds_.push_back(to);
            around_.listener.on_feed_failed(to, why);
          }};
  feeds_.emplace(to, std::make_unique<log_feed>(follower->next, options_.feed, std::move(around)));
}

void raft_group::go_on_feeding() {
  for (const auto who : std::exchange(broken_feeds_, {})) feeds_.erase(who);
  for (const auto who : std::exchange(behind_, {})) start_feed(who);
  if (feeds_.empty()) return;
  std::erase_if(feeds_, [this](const auto& feed) { return !consensus_->follower(feed.first); });
  const auto last = around_.log.bounds(shard_).last;
  for (const auto& [who, feed] : feeds_) feed->go_on(last, now_ms());
}

void raft_group::read_log(log_index from, std::size_t size_bytes,
                          std::function<void(result<std::vector<storage::log_entry>>)> then) {
  around_.host.in_background([this, from, size_bytes, then = std::move(then), leadership = leadership_,
                              alive = std::weak_ptr(alive_), &log = around_.log, shard = shard_, &host = around_.host] {
    auto page = std::make_shared<result<std::vector<storage::log_entry>>>(log.read(shard, from, size_bytes));
    host.post([this, page, then, leadership, alive] {
      // Feeds are dropped with the leadership, and between the two lies a leadership of somebody else.
      if (alive.expired() || leadership != leadership_ || !working()) return;
      then(std::move(*page));
      settle();
    });
  });
}

}  // namespace bv::replication
