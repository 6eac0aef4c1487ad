// covers: actors/runtime/companion.cpp
#include "actors/runtime/companion_host.hpp"

#include <doctest/doctest.h>

#include "tests/actors/runtime/shard_world.hpp"

using namespace bv;
using namespace bv::test;

namespace {

/// What the companions of one test saw and did, across restarts.
struct diary {
  std::vector<std::int64_t> sums;  ///< committed, in order
  int answers = 0;
  int ticks = 0;
  bool keep_busy = false;
};

/// A counter that brings itself to an even number: its companion adds 1 to an odd sum, under an id made of it.
class even_counter final : public runtime::aggregate_type {
 public:
  explicit even_counter(diary& notes) : notes_(notes), plain_(make_counter()) {}

  const schema::aggregate_contract& contract() const override { return plain_->contract(); }
  std::unique_ptr<runtime::entity_state> create() const override { return plain_->create(); }
  result<std::vector<runtime::encoded_event>> handle(runtime::entity_state& state, bytes_view command,
                                                     const runtime::context& about) const override {
    return plain_->handle(state, command, about);
  }
  result<void> replay(runtime::entity_state& state, bytes_view payload) const override {
    return plain_->replay(state, payload);
  }
  bytes encode(const runtime::entity_state& state) const override { return plain_->encode(state); }
  result<std::unique_ptr<runtime::entity_state>> decode(bytes_view data) const override { return plain_->decode(data); }
  timestamp wake_at(const runtime::entity_state& state) const override { return plain_->wake_at(state); }
  bytes wake_command(const runtime::entity_state& state) const override { return plain_->wake_command(state); }
  bool active(const runtime::entity_state& state) const override {
    return notes_.keep_busy || sum_of(state) % 2 != 0;
  }

  std::unique_ptr<runtime::companion> make_companion(const entity_key& self,
                                                     runtime::companion_services& services) const override {
    return std::make_unique<evener>(*this, self, services);
  }

 private:
  class evener final : public runtime::companion {
   public:
    evener(const even_counter& type, const entity_key& self, runtime::companion_services& services)
        : type_(type), self_(self), services_(services) {
      services_.after(std::chrono::seconds{30}, [this] { ++type_.notes_.ticks; });
    }
    void committed(const runtime::entity_state& state, std::uint64_t version) override {
      const auto sum = type_.sum_of(state);
      type_.notes_.sums.push_back(sum);
      if (sum % 2 == 0) return;
      services_.ask({.entity = self_,
                     .command = counter::contract::encode(counter::command(counter::add{1})),
                     .command_id = "even-" + std::to_string(version),
                     .from = {},
                     .deadline = services_.now() + std::chrono::seconds{5},
                     .expected_version = {}},
                    [this](const result<runtime::receipt>&) { ++type_.notes_.answers; });
    }

   private:
    const even_counter& type_;
    const entity_key self_;
    runtime::companion_services& services_;
  };

  std::int64_t sum_of(const runtime::entity_state& state) const {
    counter::state decoded;
    REQUIRE(counter::contract::decode(plain_->encode(state), decoded).has_value());
    return decoded.sum;
  }

  diary& notes_;
  std::shared_ptr<const runtime::aggregate_type> plain_;
};

}  // namespace

TEST_CASE("companion: it sees what is committed, and only that") {
  diary notes;
  shard_world world({}, std::make_shared<even_counter>(notes));
  world.send("a", counter::add{2});
  CHECK(notes.sums.empty());
  world.settle();
  CHECK(notes.sums == std::vector<std::int64_t>{2});
}

TEST_CASE("companion: what it asks for happens, and the answer comes back to it") {
  diary notes;
  shard_world world({}, std::make_shared<even_counter>(notes));
  world.send("a", counter::add{3});
  world.settle();
  CHECK(notes.sums == std::vector<std::int64_t>{3, 4});
  CHECK(notes.answers == 1);
  CHECK(world.sum_of("a") == 4);
}

TEST_CASE("companion: an active entity is spawned by a restart, and its companion acts once in all") {
  diary notes;
  shard_world world({}, std::make_shared<even_counter>(notes));
  world.send("a", counter::add{3});
  world.disk.commit();
  // The crash comes after the event is durable and before the companion's command is.
  world.run_mail();
  world.crash_and_restart();
  world.settle();
  CHECK(notes.sums.back() == 4);
  CHECK(world.sum_of("a") == 4);
}

TEST_CASE("companion: an active entity is not passivated, an idle one goes with its companion") {
  diary notes;
  shard_world world({}, std::make_shared<even_counter>(notes));
  notes.keep_busy = true;
  world.send("a", counter::add{2});
  world.settle();
  world.advance(std::chrono::minutes{20});
  CHECK(world.measured.entities_live.value() == 1);
  CHECK(notes.ticks == 1);

  notes.keep_busy = false;
  world.send("b", counter::add{2});
  world.settle();
  world.advance(std::chrono::minutes{20});
  CHECK(world.measured.entities_live.value() == 0);
}

TEST_CASE("companion: what comes back after it is gone is dropped") {
  diary notes;
  runtime::limits bounds;
  bounds.idle_before_passivation = std::chrono::seconds{10};
  shard_world world(bounds, std::make_shared<even_counter>(notes));
  world.send("a", counter::add{2});
  world.settle();
  world.advance(std::chrono::minutes{1});
  CHECK(world.measured.entities_live.value() == 0);
  CHECK(notes.ticks == 0);
}
