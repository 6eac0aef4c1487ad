#include "actors/runtime/shard_actor.hpp"

#include <algorithm>
#include <utility>

namespace bv::runtime {

shard_actor::shard_actor(caf::actor_config& config, storage::shard_id id, std::uint64_t seed, surroundings around)
    : mailed_actor(config),
      id_(id),
      time_(around.time),
      types_(around.types),
      recoverers_(std::move(around.recoverers)),
      lots_(derive_seed(seed, "group")),
      beginning_(std::move(around.beginning)) {
  if (around.cluster) {
    member_.emplace(id, derive_seed(seed, "requests"), *around.cluster,
                    shard_member::environment{.store = around.store,
                                              .host = *this,
                                              .time = around.time,
                                              .types = around.types,
                                              .measured = around.measured,
                                              .standing = *around.standing,
                                              .entities = around.entities,
                                              .bounds = around.bounds,
                                              .notes = around.notes});
  } else {
    alone_.emplace(*around.store.log, id);
  }
  shard_.emplace(id, seed,
                 shard::environment{.store = around.store,
                                    .log = member_ ? member_->log() : *alone_,
                                    .time = around.time,
                                    .types = around.types,
                                    .entities = around.entities,
                                    .known = around.known,
                                    .host = *this,
                                    .committed = around.committed,
                                    .measured = around.measured,
                                    .bounds = around.bounds,
                                    .notes = around.notes});
  if (member_) member_->attach(*shard_);
}

caf::behavior shard_actor::make_behavior() { return member_ ? member_behavior() : lone_behavior(); }

caf::behavior shard_actor::lone_behavior() {
  return {
      [this](start_shard& mail) { mail.started(shard_->start()); },
      [this](admitted_command& command) { shard_->deliver(std::move(command)); },
      [this](admitted_view& view) { shard_->deliver(std::move(view)); },
      [this](const batch_durable& mail) { shard_->on_durable(mail.index); },
      [this](const journal_failed& mail) { shard_->on_failed(mail.why); },
      [](const log_rotten&) {},
      [this](recovery_done& mail) { shard_->on_recovered(mail.who, mail.tenure, std::move(*mail.found)); },
      [](const run_action& mail) { mail.action(); },
      [this](stop_shard& mail) { shard_->stop(std::move(mail.stopped)); },
  };
}

caf::behavior shard_actor::member_behavior() {
  auto& replica = member_->replica();
  return {
      [this, &replica](start_shard& mail) { replica.start(beginning_, std::move(mail.started)); },
      [this](admitted_command& command) { member_->deliver(std::move(command)); },
      [this](admitted_view& view) { member_->deliver(std::move(view)); },
      [&replica](const batch_durable& mail) { replica.on_durable(mail.index); },
      [&replica](const journal_failed& mail) { replica.on_journal_failed(mail.why); },
      [&replica](const log_rotten& mail) { replica.on_rot(mail.index, mail.why); },
      [this](recovery_done& mail) { shard_->on_recovered(mail.who, mail.tenure, std::move(*mail.found)); },
      [](const run_action& mail) { mail.action(); },
      [this](stop_shard& mail) { member_->stop(std::move(mail.stopped)); },
      [this](const group_tick&) { member_->tick(true); },
      [this](level_shard& mail) { member_->level(mail.at_most_ms, std::move(mail.done)); },
      [this](peer_frame& mail) { member_->on_frame(mail.from, std::move(mail.content), mail.beat != nullptr); },
      [this](const peer_link& mail) { member_->on_link(mail.peer, mail.up); },
      [this](const members_changed& mail) { member_->on_members(*mail.now); },
  };
}

namespace {

class actor_door final : public shard_door {
 public:
  explicit actor_door(caf::weak_actor_ptr to) : to_(std::move(to)) {}
  void post(std::function<void()> action) const override {
    if (const auto there = caf::actor_cast<caf::actor>(to_)) caf::anon_send(there, run_action{std::move(action)});
  }

 private:
  const caf::weak_actor_ptr to_;
};

}  // namespace

std::shared_ptr<const shard_door> shard_actor::door() {
  if (!door_) door_ = std::make_shared<actor_door>(caf::actor_cast<caf::weak_actor_ptr>(this));
  return door_;
}

void shard_actor::post(std::function<void()> action) {
  caf::anon_send(caf::actor_cast<caf::actor>(this), run_action{std::move(action)});
}

void shard_actor::post_after(duration delay, std::function<void()> action) {
  const auto due = time_.now() + delay;
  later_.add(due, std::move(action));
  if (!armed_ || due < *armed_) arm(due);
}

void shard_actor::arm(timestamp due) {
  armed_ = due;
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), std::max(due - time_.now(), duration::zero()),
                         run_action{[this, due] {
                           // One that was armed for later comes too, and finds an earlier one armed.
                           if (armed_ == due) ring();
                         }});
}

void shard_actor::ring() {
  armed_.reset();
  const auto now = time_.now();
  later_.run(now);
  // Not one by one: what is due in between comes a little late, together.
  if (const auto next = later_.next(); next && (!armed_ || *next < *armed_)) arm(std::max(*next, now + between_rings));
}

void shard_actor::recover(const entity_key& who, std::uint64_t tenure) {
  const auto type = types_.find(who.type());
  caf::anon_send(next_recoverer(), recover_request{caf::actor_cast<caf::actor>(this), id_, who, tenure, type->second});
}

void shard_actor::in_background(std::function<void()> work) {
  caf::anon_send(next_recoverer(), background_work{caf::actor_cast<caf::actor>(this), std::move(work)});
}

/// Not the node's clock, which may step.
std::uint64_t shard_actor::now_ms() {
  const auto since = clock().now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

recovery_actor::recovery_actor(caf::actor_config& config, storage::store& store, const limits& bounds)
    : mailed_actor(config), store_(store), bounds_(bounds) {}

caf::behavior recovery_actor::make_behavior() {
  return {
      [this](const recover_request& mail) {
        auto found = recover_entity(store_, mail.id, mail.who, *mail.type, bounds_);
        caf::anon_send(mail.shard, recovery_done{mail.who, mail.tenure, std::make_shared<result<recovered_entity>>(std::move(found))});
      },
      [](const background_work& mail) { mail.work(); },
  };
}

}  // namespace bv::runtime
