// What a replica does about rot in its log: the half of it that is the shard's. What is mended, and why that is safe, is in
// actors/replication/log_mender.cpp.
#include <algorithm>
#include <string>
#include <utility>

#include "actors/replication/log_start.hpp"
#include "actors/runtime/shard_replica.hpp"

namespace bv::runtime {
namespace {

using storage::log_index;

error unsound(std::string_view what) { return {error_kind::internal, "journal_corrupt", std::string(what)}; }

}  // namespace

void shard_replica::begin() {
  auto began = around_.store.log->bounds(shard_).sound ? begin_group() : failure(unsound("an end of the log does not check out"));
  if (!began && storage::is_rot(began.error()) && !mended_nothing_) return mend(began.error());
  if (!began) return fail(began.error());
  if (started_) level_at_ = committed_;
  publish();
  take_in();
}

void shard_replica::on_rot(log_index index, const error& why) {
  if (mender_ || failed_ || !group_) return;
  // It may be told late, of what is mended by now.
  if (index.value > 0 && around_.store.log->read(shard_, index, 1)) return take_in();
  // Something that is read can't be, though each batch by itself can: no other node helps.
  if (index.value == 0 && mended_nothing_) return fail(why);
  mended_nothing_ = false;
  mend(why);
}

void shard_replica::mend(const error& why) {
  around_.notes({note_level::error, name() + " leaves its group until its log is mended: " + describe(why)});
  leads_ = false;
  auto known = group_->status().members;
  if (known.servers.empty() && beginning_) known = beginning_->founders;
  members_.clear();
  for (const auto& one : known.servers) members_.push_back(node_id{one.id});
  // Not what the group holds to be committed: what this disk has there may still have to be cut.
  auto committed = std::max(committed_, taken_in_);
  if (const auto noted = around_.store.log->read_cursor(replication::committed_cursor, shard_))
    committed = std::max(committed, log_index{noted->value});
  mender_ = std::make_unique<replication::log_mender>(
      shard_, self_, committed,
      replication::log_mender::environment{
          .log = *around_.store.log,
          .peers = around_.peers,
          .host = around_.host,
          .others = [this] { return others(); },
          .tell = [this](const std::string& line) { around_.notes({note_level::error, line}); },
          .done = [this](const result<std::uint64_t>& outcome) { around_.host.post([this, outcome] { on_mended(outcome); }); }});
  group_->on_journal_failed(why);  // whoever waits for it is answered
  stop_serving(leadership_lost());
  group_.reset();
  publish();
  around_.moved();
}

/// Also who has become a member since: those of then may all be gone.
std::vector<node_id> shard_replica::others() const {
  std::set<node_id> all(members_.begin(), members_.end());
  all.insert(reached_.begin(), reached_.end());
  all.erase(self_);
  return {all.begin(), all.end()};
}

void shard_replica::on_mended(const result<std::uint64_t>& outcome) {
  if (failed_) return;
  if (!outcome) return fail(outcome.error());
  mender_.reset();
  mended_nothing_ = *outcome == 0;
  around_.notes({note_level::warning, name() + " takes part again: " + std::to_string(*outcome) + " batches are mended"});
  make_group();
  begin();
}

void shard_replica::answer(node_id from, replication::mend_request what) {
  replication::mend_answer said;
  // All of that is on this disk.
  said.committed = committed_.value;
  if (group_) {
    const auto now = group_->status().raft;
    said.last = now.last.value;
    said.term = now.term.value;
    said.leads = now.serving;
  }
  around_.host.in_background([this, from, what, said = std::move(said), &log = *around_.store.log, &host = around_.host,
                              shard = shard_]() mutable {
    auto answer = std::make_shared<replication::mend_answer>(replication::answer_mend(log, shard, what, std::move(said)));
    host.post([this, from, answer] { around_.peers.send({shard_.value, self_.value, from.value, std::move(*answer)}); });
  });
}

void shard_replica::look_at_log() {
  const auto now_ms = around_.host.now_ms();
  if (!group_ || failed_ || looking_ || now_ms < look_at_ms_) return;
  looking_ = true;
  look_at_ms_ = now_ms + options_.between_looks_ms;
  around_.host.in_background([this, from = look_from_, size_bytes = options_.look_bytes, &log = *around_.store.log, &host = around_.host, shard = shard_] {
    auto seen = std::make_shared<result<storage::log_survey>>(log.survey(shard, from, size_bytes));
    host.post([this, seen] {
      looking_ = false;
      if (!*seen) return;
      look_from_ = (*seen)->at_end ? log_index{} : (*seen)->next;
      if ((*seen)->at_end) mended_nothing_ = false;
      if (!(*seen)->rotten.empty()) on_rot((*seen)->rotten.front(), unsound("a look at the log found a batch that does not check out"));
    });
  });
}

}  // namespace bv::runtime
