// What a node shows at the end is what its log says: no snapshot, no recovery and no long life in memory has bent it.

#include <map>
#include <set>

#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"
#include "sim/checkers/shop_book.hpp"

namespace bv::sim {
namespace {

class last_state_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "last_state_is_the_log";

  last_state_checker() : judge(invariant_name) {}

  void at_end(const observations& all, std::vector<violation>& found) override {
    shop_book book;
    std::map<node_entity, std::uint64_t> versions;
    for (const auto& record : all.records) {
      versions[entity_of(record)] = record.version;
      if (!book.take(record)) report(found, all.now, place_of(record) + ": an event can't be read");
    }
    std::set<std::uint16_t> shown_by;
    for (const auto& shown : all.states) {
      shown_by.insert(shown.node);
      const auto place = node_name(shown.node) + " " + std::string(shown.entity.type_and_id());
      const auto known = versions.extract({shown.node, shown.entity.text()});
      const auto version = known.empty() ? 0 : known.mapped();
      if (shown.version != version)
        report(found, all.now,
               place + " shows version " + std::to_string(shown.version) + ", its last record has " + std::to_string(version));
      else if (const auto wrong = compare(book, shown); !wrong.empty())
        report(found, all.now, place + " shows " + wrong + " at version " + std::to_string(version));
    }
    for (const auto& [entity, version] : versions)
      if (version > 0 && shown_by.contains(entity.first))
        report(found, all.now, node_name(entity.first) + " shows nothing of " + entity.second);
  }

 private:
  static std::string compare(const shop_book& book, const observations::last_state& shown) {
    const auto* of = book.shop_of(shown.node, shown.entity);
    return of && shown.version > 0 ? wrong_with_shown(*of, shown.entity, shown.state) : std::string();
  }
};

}  // namespace

invariant last_state_is_the_log() {
  return {{last_state_checker::invariant_name,
           "The state that a node shows at the end is what the events of its log add up to."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<last_state_checker>(); }};
}

}  // namespace bv::sim
