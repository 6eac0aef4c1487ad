#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/shard.hpp"
#include "storage/memory_store.hpp"
#include "tests/actors/no_facts.hpp"
#include "tests/actors/runtime/counter_type.hpp"

namespace bv::test {

class hand_clock final : public runtime::clock {
 public:
  timestamp now() const override { return now_; }
  void advance(duration by) { now_ = now_ + by; }

 private:
  timestamp now_{1'700'000'000'000'000'000};
};

/// Of a world that has one.
inline constexpr storage::shard_id only_shard{0};

/// One shard without CAF, on virtual time and a disk that completes writes when told. A mailbox turn
/// runs what is posted, until nothing is; the disk and recoveries move only by hand.
class shard_world final : public runtime::shard_host, public runtime::commit_listener, public runtime::gateway {
 public:
  explicit shard_world(runtime::limits bounds = {},
                       std::shared_ptr<const runtime::aggregate_type> counters = make_counter());

  // --- what a test does ---
  /// Sends and runs the mailbox; the answer appears in the returned place once it is there.
  using answer = std::shared_ptr<std::optional<result<runtime::receipt>>>;
  using view_answer = std::shared_ptr<std::optional<result<runtime::entity_view>>>;
  answer send(std::string id, counter::command command, std::string command_id = {},
              std::optional<std::uint64_t> expected_version = {}, std::string voids = {});
  view_answer look(std::string id, runtime::consistency wanted = runtime::consistency::linearizable);
  /// Recovers what the shard asked for, commits, and runs, until nothing moves.
  void settle();
  void run_mail();
  void recover_one();
  std::size_t recoveries_waiting() const { return to_recover_.size(); }
  std::size_t background_works_waiting() const { return background_.size(); }
  void work_in_background();
  /// Lets time pass in steps of a timer.
  void advance(duration by);
  /// The same while the disk is stuck.
  void advance_without_disk(duration by);
  /// Makes what is derived durable, snapshots among it; a crash loses it otherwise.
  void flush() { REQUIRE(store_.derived->flush().has_value()); }
  /// Kills the shard and what is not durable; starts a new one on the same disk.
  void crash_and_restart();
  std::int64_t sum_of(std::string id);

  runtime::shard& shard() { return *shard_; }
  storage::store& store() { return store_; }
  storage::memory_disk disk{1, storage::completion::by_hand};
  hand_clock time;
  runtime::shard_metrics measured;
  std::vector<std::uint64_t> committed_offsets;
  std::vector<runtime::event_kinds> committed_kinds;
  std::vector<std::string> noted;

  // --- what the shard asks for ---
  void post(std::function<void()> action) override { mail_.push_back(std::move(action)); }
  std::shared_ptr<const runtime::shard_door> door() override;
  void post_after(duration delay, std::function<void()> action) override;
  void recover(const entity_key& who, std::uint64_t tenure) override { to_recover_.emplace_back(who, tenure); }
  void in_background(std::function<void()> work) override { background_.push_back(std::move(work)); }
  void on_begun(storage::shard_id, storage::event_offset) override {}
  void on_led(storage::shard_id, bool) override {}
  void on_committed(storage::shard_id, runtime::committed_batch batch) override {
    committed_offsets.push_back(batch.last_offset.value);
    committed_kinds.push_back(batch.kinds);
  }
  void ask(runtime::command_request request, runtime::receipt_handler answer) override;
  void view(runtime::view_request request, runtime::view_handler answer) override;

 private:
  struct mailing_listener final : storage::journal_listener {
    explicit mailing_listener(shard_world& w) : world(w) {}
    void on_durable(storage::shard_id, storage::log_index index) override {
      world.post([this, index] { world.shard_->on_durable(index); });
    }
    void on_failed(storage::shard_id, storage::log_index, const error& why) override {
      world.post([this, why] { world.shard_->on_failed(why); });
    }
    shard_world& world;
  };

  void open();
  void advance(duration by, void (shard_world::*after_each)());

  const runtime::limits bounds_;
  const runtime::aggregate_types types_;
  no_facts facts_;
  runtime::note_handler notes_ = [this](const runtime::note& n) { noted.emplace_back(n.message); };
  mailing_listener listener_{*this};
  std::deque<std::function<void()>> mail_;
  storage::store store_;  // when it closes it writes what is queued, and mails that
  std::multimap<timestamp, std::function<void()>> timers_;
  std::deque<std::pair<entity_key, std::uint64_t>> to_recover_;
  std::deque<std::function<void()>> background_;
  std::optional<runtime::unreplicated_log> log_;
  std::unique_ptr<runtime::shard> shard_;
};

/// What an answer that must be there by now says.
const runtime::receipt& receipt_of(const shard_world::answer& answer);
const error& error_of(const shard_world::answer& answer);
inline std::string code_of(const shard_world::answer& answer) { return error_of(answer).code; }

/// `default/counter/ID`.
entity_key counter_key(std::string_view id);

}  // namespace bv::test
