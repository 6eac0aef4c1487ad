#include "sim/plan/table_reader.hpp"

#include <algorithm>
#include <charconv>

#include "protocols/schema/nearest.hpp"
#include "sim/plan/times.hpp"

namespace bv::sim {
namespace {

constexpr std::uint16_t nodes_max = 64;

/// 0 for "n1".
std::optional<std::uint16_t> node_number(std::string_view name) {
  std::uint16_t number = 0;
  if (!name.starts_with("n")) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto [stopped, fault] = std::from_chars(name.data() + 1, end, number);
  if (fault != std::errc{} || stopped != end || number == 0 || number > nodes_max) return std::nullopt;
  return static_cast<std::uint16_t>(number - 1);
}

/// What is drawn should be readable: whole milliseconds between whole milliseconds, if that leaves enough to choose from.
std::int64_t grain_of(std::int64_t min, std::int64_t max) {
  constexpr std::int64_t choices_min = 100;
  for (const std::int64_t grain : {1'000'000'000, 1'000'000, 1'000})
    if (min % grain == 0 && max % grain == 0 && (max - min) / grain >= choices_min) return grain;
  return 1;
}

std::int64_t draw_between(std::int64_t min, std::int64_t max, std::int64_t grain, runtime::random_source chance) {
  const auto steps = (static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min)) / static_cast<std::uint64_t>(grain);
  const auto step = steps == std::numeric_limits<std::uint64_t>::max() ? chance.next() : chance.below(steps + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(min) + step * static_cast<std::uint64_t>(grain));
}

}  // namespace

runtime::random_source reading::chance(const std::string& path) const {
  return runtime::random_source(runtime::derive_seed(seed, path));
}

std::string suggestion(std::string_view wrong, names known) {
  if (const auto close = schema::nearest_name(wrong, known); !close.empty()) return "did you mean " + in_quotes(close) + "?";
  std::string all;
  for (const auto each : known) all += (all.empty() ? "" : ", ") + std::string(each);
  return "there are " + all;
}

std::optional<std::string> scalar_text(const value& of) {
  if (const auto* text = std::get_if<std::string>(&of.is)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&of.is)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&of.is)) return *flag ? "true" : "false";
  return std::nullopt;
}

table_reader::table_reader(const table& keys, place where, std::string path, reading& all)
    : keys_(keys), where_(where), path_(std::move(path)), all_(all) {}

const value* table_reader::ask(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  const auto* found = keys_.find(key);
  return found == nullptr ? nullptr : &found->what;
}

bool table_reader::has(std::string_view key) { return ask(key) != nullptr; }

place table_reader::place_of(std::string_view key) const {
  const auto* found = keys_.find(key);
  return found == nullptr ? where_ : found->where;
}

/// One value, or one of a list of them.
template <class T, class Read>
std::optional<T> table_reader::option(std::string_view key, const Read& read) {
  const auto* found = ask(key);
  if (found == nullptr) return std::nullopt;
  const auto* list = std::get_if<std::vector<value>>(&found->is);
  if (list == nullptr) return read(*found);
  if (list->empty()) {
    complain(found->where, in_quotes(key) + " is an empty list; give what it may be");
    return std::nullopt;
  }
  std::vector<std::optional<T>> options;
  for (const auto& each : *list) options.push_back(read(each));
  return options[all_.chance(path_of(key)).below(options.size())];
}

/// As option(), or anything from min to max.
std::optional<std::int64_t> table_reader::drawn(
    std::string_view key, const std::function<std::optional<std::int64_t>(const value&)>& read) {
  return option<std::int64_t>(key, [&](const value& from) -> std::optional<std::int64_t> {
    const auto* range = std::get_if<table>(&from.is);
    if (range == nullptr) return read(from);
    const auto *least = range->find("min"), *most = range->find("max");
    if (least == nullptr || most == nullptr || range->members.size() != 2) {
      complain(from.where, in_quotes(key) + " as a range is { min = …, max = … }");
      return std::nullopt;
    }
    const auto min = read(least->what), max = read(most->what);
    if (!min || !max) return std::nullopt;
    if (*max < *min) {
      complain(from.where, "the max of " + in_quotes(key) + " is below its min");
      return std::nullopt;
    }
    const auto grain = std::holds_alternative<std::string>(least->what.is) ? grain_of(*min, *max) : 1;
    return draw_between(*min, *max, grain, all_.chance(path_of(key)));
  });
}

std::optional<std::int64_t> table_reader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  return drawn(key, [&](const value& from) -> std::optional<std::int64_t> {
    const auto* number = std::get_if<std::int64_t>(&from.is);
    if (number != nullptr && *number >= min && *number <= max) return *number;
    complain(from.where, in_quotes(key) + " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  });
}

void table_reader::seed(std::string_view key, std::uint64_t& into) {
  // TOML's integers have a sign.
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  into = all_.chance(path_of(key)).next() & static_cast<std::uint64_t>(most);
  number(key, into, 0, most);
}

void table_reader::flag(std::string_view key, bool& into) {
  const auto read = option<bool>(key, [&](const value& from) -> std::optional<bool> {
    if (const auto* flag = std::get_if<bool>(&from.is)) return *flag;
    complain(from.where, in_quotes(key) + " must be true or false");
    return std::nullopt;
  });
  if (read) into = *read;
}

void table_reader::real(std::string_view key, double& into, double min, double max) {
  const auto read = option<double>(key, [&](const value& from) -> std::optional<double> {
    const auto* whole = std::get_if<std::int64_t>(&from.is);
    const auto* real = std::get_if<double>(&from.is);
    const double number = whole != nullptr ? static_cast<double>(*whole) : real != nullptr ? *real : min - 1;
    if (number >= min && number <= max) return number;
    complain(from.where, in_quotes(key) + " must be a number from 0 to 1");
    return std::nullopt;
  });
  if (read) into = *read;
}

std::optional<std::string> table_reader::text_in(const value& from, std::string_view what) {
  if (const auto* text = std::get_if<std::string>(&from.is)) return *text;
  complain(from.where, std::string(what) + " must be text in quotes");
  return std::nullopt;
}

void table_reader::text(std::string_view key, std::string& into) {
  if (auto read = option<std::string>(key, [&](const value& from) { return text_in(from, in_quotes(key)); }))
    into = std::move(*read);
}

std::optional<std::string> table_reader::literal(std::string_view key) {
  const auto* found = ask(key);
  return found == nullptr ? std::nullopt : text_in(*found, in_quotes(key));
}

void table_reader::texts(std::string_view key, std::vector<std::string>& into) {
  const auto* found = ask(key);
  if (found == nullptr) return;
  into.clear();
  const auto take = [&](const value& from) {
    if (auto text = scalar_text(from)) return into.push_back(std::move(*text));
    complain(from.where, in_quotes(key) + " holds texts, whole numbers, true and false");
  };
  if (const auto* list = std::get_if<std::vector<value>>(&found->is))
    for (const auto& each : *list) take(each);
  else
    take(*found);
}

void table_reader::time(std::string_view key, duration& into, duration min) {
  const auto read = drawn(key, [&](const value& from) -> std::optional<std::int64_t> {
    const auto text = text_in(from, in_quotes(key));
    if (!text) return std::nullopt;
    const auto parsed = parse_duration(*text);
    if (parsed && *parsed >= min) return parsed->count();
    complain(from.where, in_quotes(key) + ": " + (parsed ? "must be at least " + to_text(min) : parsed.error().message));
    return std::nullopt;
  });
  if (read) into = duration{*read};
}

void table_reader::between(std::string_view key, span& into, duration min) {
  const auto read = option<span>(key, [&](const value& from) -> std::optional<span> {
    const auto text = text_in(from, in_quotes(key));
    if (!text) return std::nullopt;
    const auto parsed = parse_span(*text);
    if (parsed && parsed->min >= min) return *parsed;
    complain(from.where, in_quotes(key) + ": " + (parsed ? "must be at least " + to_text(min) : parsed.error().message));
    return std::nullopt;
  });
  if (read) into = *read;
}

std::optional<std::size_t> table_reader::one_of(std::string_view key, names all) {
  return option<std::size_t>(key, [&](const value& from) -> std::optional<std::size_t> {
    const auto text = text_in(from, in_quotes(key));
    if (!text) return std::nullopt;
    const auto found = std::find(all.begin(), all.end(), *text);
    if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
    complain(from.where, in_quotes(key) + " can't be " + in_quotes(*text) + "; " + suggestion(*text, all));
    return std::nullopt;
  });
}

void table_reader::node(std::string_view key, std::uint16_t& into, bool or_leader) {
  const auto read = option<std::uint16_t>(key, [&](const value& from) -> std::optional<std::uint16_t> {
    const auto text = text_in(from, in_quotes(key));
    if (!text) return std::nullopt;
    if (*text == "any") return static_cast<std::uint16_t>(all_.chance(path_of(key) + "/any").below(all_.nodes));
    if (const auto number = node_number(*text)) return number;
    if (or_leader && *text == leader_name) return the_leader;
    complain(from.where, in_quotes(key) + " must be a node (\"n1\", \"n2\" …)" +
                             (or_leader ? ", \"leader\" or \"any\"" : " or \"any\""));
    return std::nullopt;
  });
  if (read) into = *read;
}

std::optional<std::string> table_reader::end_in(const value& from, std::string_view which) {
  auto text = text_in(from, "an end of a link");
  if (!text) return std::nullopt;
  if (*text == "any") return "n" + std::to_string(all_.chance(path_of(which)).below(all_.nodes) + 1);
  if (*text == "clients" || *text == "processor" || *text == leader_name || *text == others_name || node_number(*text)) return text;
  complain(from.where, "an end of a link is \"clients\", \"processor\", a node (\"n1\", \"n2\" …), \"leader\", \"others\", or "
                       "\"any\" for one of the nodes");
  return std::nullopt;
}

void table_reader::ends(std::string_view key, std::string& a, std::string& b) {
  const auto* found = ask(key);
  const auto* list = found == nullptr ? nullptr : std::get_if<std::vector<value>>(&found->is);
  if (list == nullptr || list->size() != 2)
    return complain(found == nullptr ? where_ : found->where,
                    in_quotes(key) + " must name the two ends of a link, as [\"clients\", \"n1\"]");
  if (auto first = end_in(list->front(), "a")) a = std::move(*first);
  if (auto second = end_in(list->back(), "b")) b = std::move(*second);
  // Of any two nodes the second is any but the first.
  const auto* const open = std::get_if<std::string>(&list->back().is);
  const auto first = node_number(a);
  if (!open || *open != "any" || !first || a != b || all_.nodes < 2) return;
  const auto further = 1 + all_.chance(path_of("b") + "/other").below(all_.nodes - std::uint64_t{1});
  b = "n" + std::to_string((*first + further) % all_.nodes + 1);
}

void table_reader::field_is(std::string_view key, std::string& field, std::string& expected) {
  const auto* found = ask(key);
  if (found == nullptr) return;
  const auto* fields = std::get_if<table>(&found->is);
  const auto* only = fields != nullptr && fields->members.size() == 1 ? &fields->members.front() : nullptr;
  auto text = only == nullptr ? std::nullopt : scalar_text(only->what);
  if (!text) return complain(found->where, in_quotes(key) + " must be one field and its value, as { step = 0 }");
  field = only->key;
  expected = std::move(*text);
}

std::optional<table_reader> table_reader::inner(std::string_view key) {
  const auto* found = ask(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* keys = std::get_if<table>(&found->is)) return table_reader(*keys, found->where, path_of(key), all_);
  complain(place_of(key), in_quotes(key) + " must be a table of keys");
  return std::nullopt;
}

std::vector<table_reader> table_reader::blocks(std::string_view key) {
  std::vector<table_reader> made;
  const auto* found = ask(key);
  if (found == nullptr) return made;
  const auto* list = std::get_if<std::vector<value>>(&found->is);
  if (list == nullptr) {
    complain(place_of(key), in_quotes(key) + " must be a list of tables");
    return made;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto& each = (*list)[i];
    if (const auto* keys = std::get_if<table>(&each.is))
      made.emplace_back(*keys, each.where, path_of(key) + "/" + std::to_string(i), all_);
    else
      complain(each.where, in_quotes(key) + " must be a list of tables");
  }
  return made;
}

void table_reader::finish(const std::string& name) {
  for (const auto& key : asked_) all_.known.emplace(name, key);
  std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const auto& each : keys_.members)
    if (std::find(known.begin(), known.end(), each.key) == known.end())
      complain(each.where, name + " has no key " + in_quotes(each.key) + "; " + suggestion(each.key, known));
}

}  // namespace bv::sim
