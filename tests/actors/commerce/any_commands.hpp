#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/aggregate.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::test {

/// One command of a random walk through an aggregate's states, and how much time passes before it.
template <class Contract>
struct step {
  typename Contract::command_type asked;
  duration after{};
};

/// A command without arguments.
template <class Command>
rc::Gen<Command> only() {
  return rc::gen::just(Command{});
}

/// Mostly moments, sometimes past every deadline of the shop, now and then a clock that steps back.
inline rc::Gen<duration> any_pause() {
  using namespace std::chrono_literals;
  return rc::gen::weightedElement<duration>(
      {{6, 0s}, {6, 20s}, {3, 2min}, {3, 6min}, {2, 31min}, {1, std::chrono::days{31}}, {1, -90s}});
}

/// Walks an aggregate through random commands and checks after each what holds for every aggregate:
/// a refused command leaves the state; replaying the events onto a decoded copy of the state gives the same
/// state; a wake-up that is due makes progress. `check(before, after, outcome)` checks the rest.
template <class Contract, class Check>
void walk(const runtime::aggregate_type& type, const entity_key& self, const known_facts& facts,
          const std::vector<step<Contract>>& steps, const Check& check) {
  using state = typename Contract::state_type;
  const auto read = [&](const runtime::entity_state& held) {
    state decoded;
    RC_ASSERT(Contract::decode(type.encode(held), decoded).has_value());
    return decoded;
  };
  const auto held = type.create();
  auto now = start;
  std::uint64_t version = 0;
  for (const auto& one : steps) {
    now = now + one.after;
    const auto encoded_before = type.encode(*held);
    auto copy = type.decode(encoded_before);
    RC_ASSERT(copy.has_value());
    const runtime::context about{now, self, version, "", "", version, facts};

    if (type.wake_at(*held) != timestamp{} && type.wake_at(*held) <= now) {
      const auto woken = type.handle(**type.decode(encoded_before), type.wake_command(*held), about);
      RC_ASSERT(woken.has_value());
      RC_ASSERT_FALSE(woken->empty());
    }

    const auto before = read(*held);
    const auto outcome = type.handle(*held, Contract::encode(one.asked), about);
    if (outcome) {
      for (const auto& event : *outcome) RC_ASSERT(type.replay(**copy, event.payload).has_value());
      version += outcome->size();
    } else {
      RC_ASSERT_FALSE(outcome.error().code.empty());
    }
    RC_ASSERT(type.encode(**copy) == type.encode(*held));
    check(before, read(*held), outcome);
  }
}

/// A short list of names, so that commands meet the same thing often.
inline rc::Gen<std::string> any_of(std::string prefix, int count) {
  return rc::gen::map(rc::gen::inRange(0, count), [prefix](int i) { return prefix + std::to_string(i); });
}

/// Now and then nothing.
template <class T>
rc::Gen<std::optional<T>> sometimes(const rc::Gen<T>& some) {
  return rc::gen::map(rc::gen::maybe(some),
                      [](rc::Maybe<T> one) { return one ? std::optional<T>(*one) : std::nullopt; });
}

template <class Contract, class... Gens>
rc::Gen<std::vector<step<Contract>>> walks_of(const Gens&... commands) {
  using command = typename Contract::command_type;
  const auto asked = rc::gen::oneOf(rc::gen::cast<command>(commands)...);
  return rc::gen::container<std::vector<step<Contract>>>(
      rc::gen::construct<step<Contract>>(asked, any_pause()));
}

}  // namespace bv::test
