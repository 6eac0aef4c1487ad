#include "sim/hunt/shrink.hpp"

#include <map>
#include <utility>

#include "sim/hunt/ddmin.hpp"
#include "sim/hunt/simplify.hpp"

namespace bv::sim {
namespace {

class shrinker {
 public:
  shrinker(plan from, const std::function<bool(const plan&)>& still_fails, const shrink_options& options)
      : now_(std::move(from)), still_fails_(still_fails), options_(options) {}

  shrunk run() {
    for (;;) {
      const auto before = accepted_;
      take_away();
      simplify(simpler_conditions());
      simplify(simpler_faults());
      simplify(simpler_scripts());
      if (out_of_trials_ || accepted_ == before) break;
    }
    return {std::move(now_), trials_, !out_of_trials_};
  }

 private:
  void take_away() {
    thin({"faults"}, [](plan& p) -> auto& { return p.faults; });
    if (options_.keep_workload) return;
    thin({"clients"}, [](plan& p) -> auto& { return p.clients; });
    for (std::size_t i = 0; i < now_.clients.size(); ++i) {
      thin({"steps", i}, [i](plan& p) -> auto& { return p.clients[i].steps; });
    }
    thin({"shelves"}, [](plan& p) -> auto& { return p.shelves; });
    thin({"expectations"}, [](plan& p) -> auto& { return p.expectations; });
  }

  /// Something that can be tried: a list or a simplification, and the place in it.
  struct attempt {
    std::string_view name;
    std::size_t place = 0;
    friend auto operator<=>(const attempt&, const attempt&) = default;
  };

  /// True if the plan has not changed since this was last tried to the end: it would fail to bring anything again.
  bool settled(const attempt& what) const {
    const auto last = tried_.find(what);
    return last != tried_.end() && last->second == accepted_;
  }

  /// Takes elements out of one list of the plan, by delta debugging.
  template <class List>
  void thin(const attempt& which, const List& list_of) {
    if (settled(which) || out_of_trials_) return;
    const auto all = list_of(now_);
    const auto fails = [&](const subset& kept) {
      auto candidate = now_;
      auto& list = list_of(candidate);
      list.clear();
      for (const auto i : kept) list.push_back(all[i]);
      return accept(std::move(candidate));
    };
    if (!ddmin(all.size(), fails, options_.trials_max - trials_).minimal) out_of_trials_ = true;
    tried_[which] = accepted_;
  }

  void simplify(std::span<const simplification> table) {
    for (const auto& each : table) {
      if (each.of_workload && options_.keep_workload) continue;
      for (std::size_t place = 0; place < each.places(now_); ++place) {
        const attempt which{each.name, place};
        if (settled(which)) continue;
        for (;;) {
          auto candidate = now_;
          if (!each.apply(candidate, place) || !accept(std::move(candidate))) break;
        }
        if (out_of_trials_) return;
        tried_[which] = accepted_;
      }
    }
  }

  bool accept(plan candidate) {
    if (trials_ == options_.trials_max) {
      out_of_trials_ = true;
      return false;
    }
    ++trials_;
    const auto failed = still_fails_(candidate);
    if (failed) {
      now_ = std::move(candidate);
      ++accepted_;
    }
    if (options_.on_progress) options_.on_progress(trials_, size_of(now_));
    return failed;
  }

  plan now_;  ///< the smallest that fails
  const std::function<bool(const plan&)>& still_fails_;
  const shrink_options& options_;
  std::uint64_t trials_ = 0;
  std::uint64_t accepted_ = 0;                ///< trials that failed, hence changes of the plan
  std::map<attempt, std::uint64_t> tried_;    ///< value of accepted_ afterwards
  bool out_of_trials_ = false;
};

}  // namespace

std::size_t size_of(const plan& of) {
  auto size = of.faults.size();
  for (const auto& client : of.clients) size += client.steps.size();
  return size;
}

shrunk shrink(plan from, const std::function<bool(const plan&)>& still_fails, const shrink_options& options) {
  return shrinker(std::move(from), still_fails, options).run();
}

}  // namespace bv::sim
