// Every entity behaves as if it did one thing after the other, each at a moment while its client waited.
//
// What clients did is in the history; what sagas and timers did is not, but it is in the log. A record of theirs takes
// effect at the moment at which it is committed. That is the strongest that can be said without a false alarm: answers and
// views leave only when all that they depend on is committed, so nobody can see it before; and an entity decides on top
// of all that it has decided, so nobody who asks after the commit can miss it.
//
// Carts have a model of their own. Of any other entity only the version is looked at; what nobody heard of is then looked
// up in the log, because the model can't tell what it would have done.

#include <map>
#include <set>

#include "sim/checkers/commit_times.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/linearize.hpp"
#include "sim/checkers/models.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

/// For one entity: so many, and some for each operation. A history of n operations mostly needs about n.
constexpr std::size_t configurations_max = 100'000, configurations_each = 4;

struct committed_record {
  const observed_record* what;
  timestamp at;
};

/// What was asked of an entity, and what its log says.
struct entity_history {
  std::vector<const operation*> asked;
  std::vector<committed_record> records;  ///< with events, in the order of the log
};

std::string text_of(const operation& asked) {
  auto text = asked.client + "'s " + (asked.command.empty() ? "view" : asked.command);
  if (const auto* said = std::get_if<operation::accepted>(&asked.outcome))
    text += ", accepted as version " + std::to_string(said->version);
  if (const auto* said = std::get_if<operation::seen>(&asked.outcome)) text += " of version " + std::to_string(said->version);
  if (const auto* said = std::get_if<operation::refused>(&asked.outcome)) text += ", refused with " + said->why.code;
  return text + ", between " + to_rfc3339(asked.invoked) + " and " + to_rfc3339(asked.returned);
}

std::string text_of(const committed_record& record) {
  return "version " + std::to_string(record.what->version) + ", committed at " + to_rfc3339(record.at);
}

/// Several copies of a command under one id are one operation: called when the first was sent (the history is in that
/// order), and done by the time at which the first answer came.
std::vector<operation> merged(const std::vector<const operation*>& all) {
  std::vector<operation> kept;
  std::map<std::string, std::size_t> by_id;
  for (const auto* one : all) {
    const bool may_be_copy = !one->command_id.empty() && !std::holds_alternative<operation::refused>(one->outcome);
    const auto [first, fresh] = may_be_copy ? by_id.try_emplace(one->command_id, kept.size())
                                            : std::pair(by_id.end(), true);
    if (fresh) {
      kept.push_back(*one);
      continue;
    }
    auto& into = kept[first->second];
    if (std::holds_alternative<operation::unknown>(one->outcome)) continue;
    const bool first_answer = std::holds_alternative<operation::unknown>(into.outcome);
    into.returned = first_answer ? one->returned : std::min(into.returned, one->returned);
    into.outcome = one->outcome;
  }
  return kept;
}

/// The history of one entity as the search wants it, and what to call each operation.
template <class Model>
struct search_input {
  std::vector<timed_operation<typename Model::operation>> operations;
  std::vector<std::string> names;

  void add(typename Model::operation what, const operation& from) {
    const bool heard = !std::holds_alternative<operation::unknown>(from.outcome);
    operations.push_back({std::move(what), from.invoked, heard ? std::optional(from.returned) : std::nullopt});
    names.push_back(text_of(from));
  }
  void add(typename Model::operation what, const committed_record& from) {
    operations.push_back({std::move(what), from.at, from.at});
    names.push_back(text_of(from));
  }
};

/// Records that no operation stands for: those of sagas and timers, of whoever is not in the history, and, if a forgotten
/// id acted again, all but the one that was answered.
template <class Stands>
std::vector<committed_record> by_others(const entity_history& of, const std::vector<operation>& asked, Stands stands_for) {
  std::multimap<hash128_value, const operation*> by_id;
  for (const auto& one : asked)
    if (!one.command_id.empty()) by_id.emplace(hash128(one.command_id), &one);
  std::vector<committed_record> others;
  std::set<const operation*> found;
  for (const auto& record : of.records) {
    const auto [first, last] = by_id.equal_range(record.what->command_id);
    const auto mine = std::find_if(first, last, [&](const auto& one) {
      return !found.contains(one.second) && stands_for(*one.second, *record.what);
    });
    if (mine == last)
      others.push_back(record);
    else
      found.insert(mine->second);
  }
  return others;
}

bool answered_with(const operation& asked, const observed_record& record) {
  const auto* said = std::get_if<operation::accepted>(&asked.outcome);
  return said && said->version == record.version;
}

search_input<version_model> by_version(const entity_history& of) {
  search_input<version_model> made;
  const auto asked = merged(of.asked);
  for (const auto& one : asked) {
    if (const auto* said = std::get_if<operation::accepted>(&one.outcome))
      made.add({said->version - said->events.size(), said->version}, one);
    if (const auto* said = std::get_if<operation::seen>(&one.outcome)) made.add({said->version, said->version}, one);
  }
  for (const auto& record : by_others(of, asked, answered_with))
    made.add({record.what->version - record.what->events.size(), record.what->version}, record);
  return made;
}

std::optional<cart_model::operation> cart_operation(const operation& asked) {
  if (const auto* said = std::get_if<operation::seen>(&asked.outcome)) {
    commerce::cart::state shown;
    if (!decode(said->state, shown)) return std::nullopt;
    return cart_model::view{cart_shown(said->version, shown)};
  }
  cart_model::command made;
  if (asked.command.empty() || !decode(asked.body, made.what)) return std::nullopt;
  if (const auto* said = std::get_if<operation::accepted>(&asked.outcome))
    made.answer = cart_model::accepted{said->version, said->events.size()};
  if (const auto* said = std::get_if<operation::refused>(&asked.outcome)) made.answer = cart_model::refused{said->why.code};
  return made;
}

search_input<cart_model> of_cart(const entity_history& of) {
  search_input<cart_model> made;
  auto asked = merged(of.asked);
  std::erase_if(asked, [](const auto& one) { return one.command.empty() && std::holds_alternative<operation::unknown>(one.outcome); });
  for (const auto& one : asked)
    if (auto read = cart_operation(one)) made.add(*std::move(read), one);
  const auto stands_for = [](const operation& one, const observed_record& record) {
    return answered_with(one, record) || std::holds_alternative<operation::unknown>(one.outcome);
  };
  for (const auto& record : by_others(of, asked, stands_for)) {
    cart_model::record what{record.what->version, {}};
    for_each_event<commerce::cart::contract>(*record.what, [&](const auto& event) { what.events.push_back(event); });
    made.add(std::move(what), record);
  }
  return made;
}

bool heard_of(const entity_history& of) {
  return std::ranges::any_of(of.asked, [](const auto* one) { return !std::holds_alternative<operation::unknown>(one->outcome); });
}

class linearizable_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "linearizable";

  linearizable_checker() : judge(invariant_name) {}

  void on_record(const observed_record& record, std::vector<violation>&) override { commits_.note(record); }

  void at_end(const observations& all, std::vector<violation>& found) override {
    std::map<node_entity, entity_history> entities;
    for (const auto& asked : all.history)
      if (!asked.stale) entities[{asked.node, asked.entity.text()}].asked.push_back(&asked);
    for (const auto& record : all.records)
      if (const auto seen = entities.find(entity_of(record)); seen != entities.end() && !record.events.empty())
        seen->second.records.push_back({&record, commits_.of(record)});
    std::size_t undecided = 0;
    for (const auto& [_, of] : entities) {
      if (!heard_of(of)) continue;
      const bool decided = of.asked.front()->entity.type() == "cart"
                               ? search<cart_model>(of_cart(of), of, all.now, found)
                               : search<version_model>(by_version(of), of, all.now, found);
      undecided += decided ? 0 : 1;
    }
    if (undecided > 0)
      report(found, all.now,
             "the search was cut off for " + std::to_string(undecided) + " entities, each after more than " +
                 std::to_string(configurations_max) + " configurations: they are undecided");
  }

 private:
  /// False if it is undecided.
  template <class Model>
  bool search(const search_input<Model>& input, const entity_history& of, timestamp at, std::vector<violation>& found) {
    const auto bound = configurations_max + configurations_each * input.operations.size();
    const auto outcome = linearizer<Model>(input.operations, {}, bound).decide();
    if (outcome.says == linearization::verdict::undecided) return false;
    if (outcome.says == linearization::verdict::violated)
      report(found, at,
             node_name(of.asked.front()->node) + " " + std::string(of.asked.front()->entity.type_and_id()) + ": in no order of its " +
                 std::to_string(input.operations.size()) + " operations can this have happened: " +
                 input.names[outcome.stuck]);
    return true;
  }

  commit_times commits_;
};

}  // namespace

invariant linearizable() {
  return {{linearizable_checker::invariant_name,
           "What clients saw of each entity could have happened one thing after the other, each while its client waited."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<linearizable_checker>(); }};
}

}  // namespace bv::sim
