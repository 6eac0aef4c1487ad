// Linearizability of a history, by search.
//
// A history is linearizable if each operation can be given a moment between its call and its return at which it took
// effect as a whole, such that the effects, one after the other, are what the sequential model allows (Herlihy and Wing,
// "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS 1990). Deciding it is NP-complete, but the
// search of Wing and Gong ("Testing and Verifying Concurrent Objects", JPDC 1993) is quick in practice with two
// refinements of Lowe ("Testing for linearizability", CCPE 2017), in the form that Athalye's Porcupine gave them:
//
//   Calls and returns stand in a doubly linked list in the order of time. The search walks it from the front. At a call
//   it tries to let the operation take effect now: if the model allows it, the operation's two entries are lifted out of
//   the list and the walk begins anew. At a return it is stuck, because an operation must take effect before it returns
//   and this one has not: it takes back the last operation that took effect, puts its entries where they were, and goes
//   on behind its call. Stuck with nothing to take back: not linearizable.
//
//   Two orders of the same operations that lead to the same state have the same future. So a configuration — the set of
//   operations that took effect, and the state — is remembered, and never entered twice.
//
//   Operations on different entities are independent, so each entity is searched for itself: linearizability is local.
//
// Three things are ours. An operation without an outcome has a call and no return: it may take effect at any time after
// its call, or never, and the search is done when all that must have happened did. An operation that changes no state
// whatever (a view, a refusal) is never taken back for its own sake: if there is an order in which it takes effect later,
// there is one in which it does so now. (Of a write that happens to change nothing now, that is not true.) And the set
// of operations is kept without the leading part in which all have taken effect, so that a configuration stays small in
// a history of 100,000.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::sim {

/// An operation with its interval. At equal moments calls come before returns: such operations overlap.
template <class Operation>
struct timed_operation {
  Operation what;
  timestamp called;
  std::optional<timestamp> returned;  ///< nothing: it may have happened, at any time after its call
};

/// The operations that took effect, as bits; without the leading and trailing words that say nothing.
class effect_set {
 public:
  explicit effect_set(std::size_t operations) : words_((operations + 63) / 64) {}
  void set(std::size_t operation) {
    words_[operation / 64] |= std::uint64_t{1} << (operation % 64);
    end_ = std::max(end_, operation / 64 + 1);
    while (full_ < end_ && words_[full_] == ~std::uint64_t{0}) ++full_;
  }
  void clear(std::size_t operation) {
    words_[operation / 64] &= ~(std::uint64_t{1} << (operation % 64));
    full_ = std::min(full_, operation / 64);
    while (end_ > full_ && words_[end_ - 1] == 0) --end_;
  }
  /// Number of leading full words, then the words up to the last that is not empty.
  [[nodiscard]] std::vector<std::uint64_t> compact() const {
    std::vector<std::uint64_t> kept{full_};
    kept.insert(kept.end(), words_.begin() + static_cast<std::ptrdiff_t>(full_),
                words_.begin() + static_cast<std::ptrdiff_t>(std::max(full_, end_)));
    return kept;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t full_ = 0, end_ = 0;
};

struct linearization {
  enum class verdict { linearizable, violated, undecided };
  verdict says = verdict::linearizable;
  /// If violated: the operation that could not take effect before it returned, on the way that came furthest.
  std::size_t stuck = 0;
  std::size_t configurations = 0;  ///< that were looked at
};

/// `Model` has the types `operation` and `state` (equality comparable), and static functions
///   std::optional<state> step(const state&, const operation&)   what the operation makes of the state; nothing: it can't
///   bool only_looks(const operation&)   it never changes any state
///   std::uint64_t hash(const state&)
/// Looks at no more than `configurations_max` configurations, then it is undecided.
template <class Model>
class linearizer {
  using state = typename Model::state;
  using history = std::vector<timed_operation<typename Model::operation>>;

 public:
  linearizer(const history& operations, state initial, std::size_t configurations_max)
      : operations_(operations), configurations_max_(configurations_max), now_(std::move(initial)), happened_(operations.size()) {
    lay_out();
  }

  linearization decide() {
    linearization found;
    std::size_t furthest = 0;
    auto at = entries_[head].next;
    while (missing_ > 0) {
      BV_ASSERT(at != head, "an operation that must have happened has a return in the list");
      const auto& here = entries_[at];
      if (here.is_call) {
        at = try_effect(at) ? entries_[head].next : here.next;
        if (seen_.size() > configurations_max_) return finish(found, linearization::verdict::undecided);
        continue;
      }
      if (done_.size() >= furthest) {
        furthest = done_.size();
        found.stuck = here.operation;
      }
      const auto back = take_back();
      if (!back) return finish(found, linearization::verdict::violated);
      at = *back;
    }
    return finish(found, linearization::verdict::linearizable);
  }

 private:
  static constexpr std::size_t head = 0;

  struct entry {
    std::size_t operation = 0;
    bool is_call = false;
    std::size_t partner = head;  ///< the call's return or the other way round; head: none
    std::size_t previous = head, next = head;
  };
  struct effect {
    std::size_t call;
    state before;
    bool only_looked;
  };
  struct configuration {
    std::vector<std::uint64_t> happened;
    state then;
    friend bool operator==(const configuration&, const configuration&) = default;
  };
  struct configuration_hash {
    std::size_t operator()(const configuration& of) const {
      const auto* words = reinterpret_cast<const char*>(of.happened.data());
      return hash64({words, of.happened.size() * sizeof(std::uint64_t)}) ^ Model::hash(of.then);
    }
  };

  /// Makes the list of calls and returns, in the order of time.
  void lay_out() {
    struct moment {
      timestamp at;
      bool is_return;
      std::size_t operation;
      auto operator<=>(const moment&) const = default;
    };
    std::vector<moment> moments;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      moments.push_back({operations_[i].called, false, i});
      if (!operations_[i].returned) continue;
      moments.push_back({std::max(*operations_[i].returned, operations_[i].called), true, i});
      ++missing_;
    }
    std::sort(moments.begin(), moments.end());
    entries_.resize(moments.size() + 1);
    // Numbered by call, so that the set of those that took effect is mostly a leading part.
    std::vector<std::size_t> call_of(operations_.size(), head);
    bits_.resize(operations_.size());
    std::size_t calls = 0;
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const auto& from = moments[i];
      auto& made = entries_[i + 1];
      made = {from.operation, !from.is_return, head, i, i + 2 == entries_.size() ? head : i + 2};
      if (!from.is_return) {
        call_of[from.operation] = i + 1;
        bits_[from.operation] = calls++;
        continue;
      }
      made.partner = call_of[from.operation];
      entries_[made.partner].partner = i + 1;
    }
    entries_[head].next = moments.empty() ? head : 1;
    entries_[head].previous = entries_.size() - 1;
  }

  /// Lets the operation take effect now, if that leads somewhere new.
  bool try_effect(std::size_t call) {
    const auto operation = entries_[call].operation;
    auto next = Model::step(now_, operations_[operation].what);
    if (!next) return false;
    happened_.set(bits_[operation]);
    if (!seen_.insert({happened_.compact(), *next}).second) {
      happened_.clear(bits_[operation]);
      return false;
    }
    done_.push_back({call, std::exchange(now_, *std::move(next)), Model::only_looks(operations_[operation].what)});
    lift(call);
    if (entries_[call].partner != head) {
      lift(entries_[call].partner);
      --missing_;
    }
    return true;
  }

  /// Undoes the last effect that may have made a difference, and all after it. Where to go on; nothing if there is none.
  std::optional<std::size_t> take_back() {
    while (!done_.empty()) {
      auto last = std::move(done_.back());
      done_.pop_back();
      happened_.clear(bits_[entries_[last.call].operation]);
      now_ = std::move(last.before);
      if (entries_[last.call].partner != head) {
        unlift(entries_[last.call].partner);
        ++missing_;
      }
      unlift(last.call);
      if (!last.only_looked) return entries_[last.call].next;
    }
    return std::nullopt;
  }

  void lift(std::size_t which) {
    const auto& out = entries_[which];
    entries_[out.previous].next = out.next;
    entries_[out.next].previous = out.previous;
  }
  void unlift(std::size_t which) {
    const auto& in = entries_[which];
    entries_[in.previous].next = which;
    entries_[in.next].previous = which;
  }

  linearization finish(linearization found, linearization::verdict says) const {
    found.says = says;
    found.configurations = seen_.size();
    return found;
  }

  const history& operations_;
  const std::size_t configurations_max_;
  state now_;
  std::size_t missing_ = 0;  ///< operations that must have happened and have not
  std::vector<entry> entries_;
  std::vector<std::size_t> bits_;  ///< by operation, its place among the calls
  effect_set happened_;
  std::vector<effect> done_;
  std::unordered_set<configuration, configuration_hash> seen_;
};

}  // namespace bv::sim
