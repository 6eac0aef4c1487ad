// libraft's side of the world. It calls these from inside the calls that we make into it, and none of its callbacks may
// come before such a call has returned: they would free what it is still looking at. So all wait in deferred_.
//
// It hears of no errors either: where setting a term fails it frees what it does not own. The owner stops the group.
#include <algorithm>
#include <utility>

#include "actors/replication/libraft_consensus.hpp"
#include "actors/replication/libraft_convert.hpp"
#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

extern "C" {
#include <raft.h>
}

namespace bv::replication {
namespace {

using storage::log_index;
using storage::term_number;

template <class T>
T* allocate(std::size_t count = 1) {
  auto* const memory = static_cast<T*>(raft_calloc(count, sizeof(T)));
  BV_ASSERT(memory, "out of memory");
  return memory;
}

}  // namespace

void libraft_consensus::bind_io() {
  io_->version = 1;
  io_->impl = this;
  static const auto of = [](raft_io* io) -> libraft_consensus& { return *static_cast<libraft_consensus*>(io->impl); };
  io_->init = [](raft_io*, raft_id, const char*) { return 0; };
  io_->close = [](raft_io* io, raft_io_close_cb done) {
    auto& us = of(io);
    // With a status of failure libraft would cut its log at each of them, which asserts from the second on.
    for (const auto& append : std::exchange(us.appends_, {})) append.done(append.request, 0);
    while (!us.deferred_.empty()) {
      us.deferred_.front()();
      us.deferred_.pop_front();
    }
    done(io);
  };
  io_->load = [](raft_io* io, raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* first,
                raft_entry** entries, std::size_t* count) { return of(io).load(term, vote, snapshot, first, entries, count); };
  io_->start = [](raft_io* io, unsigned, raft_io_tick_cb tick, raft_io_recv_cb receive) {
    of(io).tick_ = tick;
    of(io).receive_ = receive;
    return 0;
  };
  io_->set_term = [](raft_io* io, raft_term term) {
    of(io).hard_ = {term_number{term}, 0};
    if (!mutated(mutation::term_not_durable)) of(io).world_.save(of(io).hard_);
    return 0;
  };
  io_->set_vote = [](raft_io* io, raft_id who) {
    auto& us = of(io);
    us.hard_.vote = who;
    if (who == us.self_.value) us.campaign_term_ = us.hard_.term.value;
    if (!mutated(mutation::vote_not_durable)) us.world_.save(us.hard_);
    return 0;
  };
  io_->send = [](raft_io* io, raft_io_send* request, const raft_message* what, raft_io_send_cb done) {
    return of(io).send(request, *what, done);
  };
  io_->append = [](raft_io* io, raft_io_append* request, const raft_entry entries[], unsigned count,
                  raft_io_append_cb done) { return of(io).append(request, entries, count, done); };
  io_->truncate = [](raft_io* io, raft_index from) { return of(io).truncate(from); };
  io_->snapshot_put = [](raft_io* io, unsigned, raft_io_snapshot_put* request, const raft_snapshot*,
                        raft_io_snapshot_put_cb done) {
    of(io).deferred_.push_back([=] { done(request, 0); });
    return 0;
  };
  io_->snapshot_get = [](raft_io* io, raft_io_snapshot_get* request, raft_io_snapshot_get_cb done) {
    auto& us = of(io);
    us.deferred_.push_back([=, &us] {
      auto* const marker = allocate<raft_snapshot>();
      marker->index = us.raft_->log.snapshot.last_index;
      marker->term = us.raft_->log.snapshot.last_term;
      to_libraft(us.members(), marker->configuration);
      marker->configuration_index = us.raft_->configuration_index;
      marker->bufs = allocate<raft_buffer>();
      marker->n_bufs = 1;
      done(request, marker, 0);
    });
    return 0;
  };
  io_->time = [](raft_io* io) -> raft_time { return of(io).world_.now_ms(); };
  io_->random = [](raft_io* io, int least, int most) {
    return least + static_cast<int>(of(io).world_.random_below(static_cast<std::uint64_t>(most - least) + 1));
  };
}

void libraft_consensus::bind_fsm() {
  fsm_->version = 1;
  fsm_->apply = [](raft_fsm*, const raft_buffer*, void** outcome) {
    *outcome = nullptr;
    return 0;
  };
  fsm_->snapshot = [](raft_fsm*, raft_buffer** made, unsigned* count) {
    *made = allocate<raft_buffer>();
    *count = 1;
    return 0;
  };
  fsm_->restore = [](raft_fsm*, raft_buffer* from) {
    raft_free(from->base);
    return 0;
  };
}

int libraft_consensus::load(raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* first,
                            raft_entry** entries, std::size_t* count) {
  *term = hard_.term.value;
  *vote = hard_.vote;
  *snapshot = nullptr;
  *first = start_->committed.value + 1;
  *entries = nullptr;
  *count = start_->entries.size();
  if (start_->committed.value > 0) {
    *snapshot = allocate<raft_snapshot>();
    (*snapshot)->index = start_->committed.value;
    (*snapshot)->term = start_->committed_term.value;
    const auto& [index, members] = *configurations_.begin();
    to_libraft(members, (*snapshot)->configuration);
    (*snapshot)->configuration_index = index.value;
    (*snapshot)->bufs = allocate<raft_buffer>();
    (*snapshot)->n_bufs = 1;
  }
  if (*count > 0) *entries = allocate<raft_entry>(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto& label = start_->entries[i];
    (*entries)[i] = {label.term.value, type_of(label.kind), payload_of(label), nullptr};
  }
  return 0;
}

int libraft_consensus::send(raft_io_send* request, const raft_message& what, raft_io_send_cb done) {
  if (done) deferred_.push_back([=] { done(request, 0); });
  const server_id to{what.server_id};
  if (to.value == 0) return 0;
  std::size_t entries = 0;
  auto message = to_body(what, entries);
  if (!message) {
    world_.left_behind(to);
    return 0;
  }
  if (auto* const answer = std::get_if<append_answer>(&*message); answer && answer->rejected == 0) {
    if (offered_ > 0 && answer->term == verified_term_) verified_ = std::max(verified_, offered_);
    if (!mutated(mutation::unverified_tail_reported))
      answer->last_index = std::min(answer->last_index, answer->term == verified_term_ ? verified_ : 0);
  }
  world_.send(to, std::move(*message), entries);
  return 0;
}

int libraft_consensus::append(raft_io_append* request, const raft_entry* entries, unsigned count, raft_io_append_cb done) {
  const bool leads = raft_->state == RAFT_LEADER;
  if (!leads && offered_ > 0) verified_ = std::max(verified_, offered_);
  const auto first = appended_.next();
  std::vector<entry_label> labels;
  bool has_configuration = false;
  for (unsigned i = 0; i < count; ++i) {
    labels.push_back(label_of(entries[i]));
    appended_ = appended_.next();
    if (labels.back().kind != entry_kind::configuration) continue;
    has_configuration = true;
    configurations_[appended_] = labels.back().members;
  }
  appends_.push_back({request, done, next_ticket_, appended_, leads, has_configuration});
  world_.append(first, std::move(labels), next_ticket_++);
  return 0;
}

int libraft_consensus::truncate(raft_index from) {
  appended_ = log_index{from - 1};
  configurations_.erase(configurations_.lower_bound(log_index{from}), configurations_.end());
  world_.truncate(log_index{from});
  return 0;
}

}  // namespace bv::replication
