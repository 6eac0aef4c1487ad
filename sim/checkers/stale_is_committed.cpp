// A stale view may be old, and that is all: it shows what the entity's first events add up to, all of them committed before
// it was shown, and a process of a node never goes back behind what it has shown.

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/checkers/commit_times.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/checkers/shop_book.hpp"

namespace bv::sim {
namespace {

struct stale_view {
  const operation* asked;
  const operation::seen* said;
};

std::string text_of(const stale_view& one) {
  return one.asked->client + "'s stale view of " + std::string(one.asked->entity.type_and_id()) + ", shown by " +
         node_name(one.said->by) + " at " + to_rfc3339(one.asked->returned) + ", has version " + std::to_string(one.said->version);
}

class stale_is_committed_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "stale_is_committed";

  stale_is_committed_checker() : judge(invariant_name) {}

  void on_record(const observed_record& record, std::vector<violation>&) override { commits_.note(record); }

  void at_end(const observations& all, std::vector<violation>& found) override {
    std::vector<stale_view> views;
    for (const auto& asked : all.history)
      if (const auto* said = std::get_if<operation::seen>(&asked.outcome); said && asked.stale) views.push_back({&asked, said});
    if (views.empty()) return;
    compare_with_log(views, all, found);
    look_for_steps_back(views, all.now, found);
  }

 private:
  using place = std::tuple<node_entity, std::uint64_t>;  ///< an entity and a version of it

  void compare_with_log(const std::vector<stale_view>& views, const observations& all, std::vector<violation>& found) {
    std::multimap<place, stale_view> waiting;
    for (const auto& one : views)
      if (one.said->version > 0) waiting.emplace(place{{one.asked->node, one.asked->entity.text()}, one.said->version}, one);
    shop_book book;
    for (const auto& record : all.records) {
      if (!book.take(record)) report(found, all.now, place_of(record) + ": an event can't be read");
      const auto [first, last] = waiting.equal_range({entity_of(record), record.version});
      for (auto at = first; at != last; ++at) compare(at->second, record, book, all.now, found);
      waiting.erase(first, last);
    }
    for (const auto& [_, one] : waiting) report(found, all.now, text_of(one) + ", which is not in the log");
  }

  void compare(const stale_view& one, const observed_record& record, const shop_book& book, timestamp now,
               std::vector<violation>& found) {
    const auto committed_at = commits_.of(record);
    if (committed_at > one.asked->returned)
      report(found, now, text_of(one) + ", which was committed at " + to_rfc3339(committed_at));
    else if (const auto wrong = wrong_with_shown(*book.shop_of(record.node, record.entity), record.entity, one.said->state);
             !wrong.empty())
      report(found, now, text_of(one) + " and " + wrong);
  }

  /// Of two views of which one was over when the other was asked for, the later one shows at least as much.
  void look_for_steps_back(const std::vector<stale_view>& views, timestamp now, std::vector<violation>& found) {
    std::map<std::tuple<std::uint16_t, std::uint64_t, std::string>, std::vector<stale_view>> by_process;
    for (const auto& one : views) by_process[{one.said->by, one.said->life, one.asked->entity.text()}].push_back(one);
    for (auto& [_, asked] : by_process) {
      std::ranges::stable_sort(asked, {}, [](const auto& one) { return one.asked->invoked; });
      auto ended = asked;
      std::ranges::stable_sort(ended, {}, [](const auto& one) { return one.asked->returned; });
      std::uint64_t shown = 0;
      auto next = ended.begin();
      for (const auto& one : asked) {
        for (; next != ended.end() && next->asked->returned < one.asked->invoked; ++next) shown = std::max(shown, next->said->version);
        if (one.said->version < shown)
          report(found, now, text_of(one) + ", and the same process had shown version " + std::to_string(shown));
      }
    }
  }

  commit_times commits_;
};

}  // namespace

invariant stale_is_committed() {
  return {{stale_is_committed_checker::invariant_name, "A stale view shows a committed state, and none older than the node's process has shown before."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<stale_is_committed_checker>(); }};
}

}  // namespace bv::sim
