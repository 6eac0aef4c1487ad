#include "tests/actors/runtime/shard_world.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace bv::test {
namespace {

constexpr duration request_deadline = std::chrono::seconds{10};

}  // namespace

entity_key counter_key(std::string_view id) { return entity_key::trusted("default", "counter", id); }

const error& error_of(const shard_world::answer& answer) {
  REQUIRE(answer->has_value());
  REQUIRE_FALSE((*answer)->has_value());
  return (*answer)->error();
}

const runtime::receipt& receipt_of(const shard_world::answer& answer) {
  REQUIRE(answer->has_value());
  REQUIRE((*answer)->has_value());
  return ***answer;
}

shard_world::shard_world(runtime::limits bounds, std::shared_ptr<const runtime::aggregate_type> counters)
    : bounds_(bounds), types_{{"counter", std::move(counters)}} {
  open();
}

void shard_world::open() {
  auto opened = storage::open_memory_store(disk);
  REQUIRE(opened.has_value());
  store_ = std::move(*opened);
  store_.log->listen(only_shard, listener_);
  log_.emplace(*store_.log, only_shard);
  shard_ = std::make_unique<runtime::shard>(
      only_shard, 7,
      runtime::shard::environment{.store = store_,
                                  .log = *log_,
                                  .time = time,
                                  .types = types_,
                                  .entities = *this,
                                  .known = facts_,
                                  .host = *this,
                                  .committed = *this,
                                  .measured = measured,
                                  .bounds = bounds_,
                                  .notes = notes_});
  REQUIRE(shard_->start().has_value());
  run_mail();
}

shard_world::answer shard_world::send(std::string id, counter::command command, std::string command_id,
                                      std::optional<std::uint64_t> expected_version, std::string voids) {
  auto place = std::make_shared<std::optional<result<runtime::receipt>>>();
  ask({.entity = counter_key(id),
       .command = counter::contract::encode(command),
       .command_id = std::move(command_id),
       .from = {},
       .deadline = time.now() + request_deadline,
       .expected_version = expected_version,
       .voids = std::move(voids)},
      [place](result<runtime::receipt> answer) {
        CHECK_MESSAGE(!place->has_value(), "a handler was called twice");
        *place = std::move(answer);
      });
  run_mail();
  return place;
}

shard_world::view_answer shard_world::look(std::string id, runtime::consistency wanted) {
  auto place = std::make_shared<std::optional<result<runtime::entity_view>>>();
  view({.entity = counter_key(id), .deadline = time.now() + request_deadline, .wanted = wanted},
       [place](result<runtime::entity_view> answer) { *place = std::move(answer); });
  run_mail();
  return place;
}

void shard_world::ask(runtime::command_request request, runtime::receipt_handler answer) {
  post([this, command = runtime::admitted_command{std::move(request), std::move(answer), time.now()}]() mutable {
    shard_->deliver(std::move(command));
  });
}

void shard_world::view(runtime::view_request request, runtime::view_handler answer) {
  post([this, asked = runtime::admitted_view{std::move(request), std::move(answer), time.now()}]() mutable {
    shard_->deliver(std::move(asked));
  });
}

std::shared_ptr<const runtime::shard_door> shard_world::door() {
  class mail_slot final : public runtime::shard_door {
   public:
    explicit mail_slot(shard_world& world) : world_(world) {}
    void post(std::function<void()> action) const override { world_.post(std::move(action)); }

   private:
    shard_world& world_;
  };
  return std::make_shared<mail_slot>(*this);
}

void shard_world::post_after(duration delay, std::function<void()> action) {
  timers_.emplace(time.now() + delay, std::move(action));
}

void shard_world::run_mail() {
  while (!mail_.empty()) {
    auto next = std::move(mail_.front());
    mail_.pop_front();
    next();
  }
}

void shard_world::recover_one() {
  REQUIRE(!to_recover_.empty());
  const auto [who, tenure] = to_recover_.front();
  to_recover_.pop_front();
  auto found = std::make_shared<result<runtime::recovered_entity>>(
      runtime::recover_entity(store_, only_shard, who, *types_.at("counter"), bounds_));
  post([this, who = who, tenure = tenure, found] { shard_->on_recovered(who, tenure, std::move(*found)); });
  run_mail();
}

void shard_world::work_in_background() {
  for (auto works = std::exchange(background_, {}); const auto& work : works) work();
  run_mail();
}

void shard_world::settle() {
  do {
    run_mail();
    while (!to_recover_.empty()) recover_one();
    work_in_background();
  } while (disk.commit() > 0 || !mail_.empty() || !to_recover_.empty() || !background_.empty());
}

void shard_world::advance(duration by) { advance(by, &shard_world::settle); }
void shard_world::advance_without_disk(duration by) { advance(by, &shard_world::run_mail); }

void shard_world::advance(duration by, void (shard_world::*after_each)()) {
  const auto until = time.now() + by;
  while (!timers_.empty() && timers_.begin()->first <= until) {
    auto next = timers_.extract(timers_.begin());
    time.advance(std::max(next.key() - time.now(), duration::zero()));
    next.mapped()();
    (this->*after_each)();
  }
  time.advance(until - time.now());
  (this->*after_each)();
}

void shard_world::crash_and_restart() {
  mail_.clear();
  timers_.clear();
  to_recover_.clear();
  background_.clear();
  shard_.reset();
  disk.crash();
  open();
}

std::int64_t shard_world::sum_of(std::string id) {
  const auto seen = look(std::move(id));
  settle();
  REQUIRE(seen->has_value());
  REQUIRE((*seen)->has_value());
  counter::state state;
  REQUIRE(counter::contract::decode((**seen)->state, state).has_value());
  return state.sum;
}

}  // namespace bv::test
