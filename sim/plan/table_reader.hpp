#pragma once

#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/runtime/random.hpp"
#include "sim/plan/document.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim {

/// The names of an enum's values, in their order.
using names = std::span<const std::string_view>;

/// What all readers of one file share.
struct reading {
  std::uint64_t seed = 1;
  std::uint16_t nodes = 1;  ///< that "any" is drawn from
  std::vector<problem> problems;
  std::set<std::pair<std::string, std::string>> known;  ///< tables, by the names that finish() gave them, and their keys

  /// Chance of its own for the part of the file at `path`: taking one part away leaves the others what they were.
  [[nodiscard]] runtime::random_source chance(const std::string& path) const;
};

/// Reads one table, and draws what it leaves open: where one value may stand there may also be a list of them, one of
/// which is taken, or, for numbers and durations, `{ min = …, max = … }`. All that could be drawn is checked, whatever
/// is. A key that is not there leaves what is read into as it was; one that nobody asked for is a problem.
///
/// The functions that describe a struct (format.hpp) are templates over this and table_writer.
class table_reader {
 public:
  /// `path`: names the part of the file for its chance. `keys` and `all` must outlive it.
  table_reader(const table& keys, place where, std::string path, reading& all);

  /// From now on the chance is that of another path.
  void move_to(std::string path) { path_ = std::move(path); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] place where() const { return where_; }
  [[nodiscard]] reading& all() { return all_; }

  template <class T>
    requires std::integral<T>
  void number(std::string_view key, T& into, std::int64_t min, std::int64_t max) {
    if (const auto read = integer(key, min, max)) into = static_cast<T>(*read);
  }
  /// A seed: drawn if it is not there.
  void seed(std::string_view key, std::uint64_t& into);
  void flag(std::string_view key, bool& into);
  void real(std::string_view key, double& into, double min, double max);
  void text(std::string_view key, std::string& into);
  /// A text that is the same for every seed: what else the file must say hangs on it.
  std::optional<std::string> literal(std::string_view key);
  /// A list of texts, numbers and booleans as text; or one.
  void texts(std::string_view key, std::vector<std::string>& into);
  void time(std::string_view key, duration& into, duration min = {});
  void between(std::string_view key, span& into, duration min = {});
  /// `or_leader`: may be the_leader.
  void node(std::string_view key, std::uint16_t& into, bool or_leader = false);
  /// Two ends of a link.
  void ends(std::string_view key, std::string& a, std::string& b);
  /// `{ field = value }`.
  void field_is(std::string_view key, std::string& field, std::string& expected);

  template <class Enum>
    requires std::is_enum_v<Enum>
  void choice(std::string_view key, Enum& into, names all) {
    if (const auto read = one_of(key, all)) into = static_cast<Enum>(*read);
  }

  [[nodiscard]] bool has(std::string_view key);
  [[nodiscard]] place place_of(std::string_view key) const;
  /// The table at `key`, if there is one. Path: this one's, and the key.
  std::optional<table_reader> inner(std::string_view key);
  /// The tables in the list at `key`.
  std::vector<table_reader> blocks(std::string_view key);

  void complain(place where, std::string what) { all_.problems.push_back({where, std::move(what)}); }
  /// Call it last: keys that nobody asked for are problems. `name`: of the table, for people.
  void finish(const std::string& name);

 private:
  const value* ask(std::string_view key);
  std::string path_of(std::string_view key) const { return path_ + "/" + std::string(key); }
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::size_t> one_of(std::string_view key, names all);
  std::optional<std::int64_t> drawn(std::string_view key,
                                    const std::function<std::optional<std::int64_t>(const value&)>& read);
  template <class T, class Read>
  std::optional<T> option(std::string_view key, const Read& read);
  std::optional<std::string> text_in(const value& from, std::string_view what);
  std::optional<std::string> end_in(const value& from, std::string_view which);

  const table& keys_;
  place where_;
  std::string path_;
  reading& all_;
  std::vector<std::string> asked_;
};

/// What a number or a truth value is as text, as JSON has it; nothing for lists and tables.
std::optional<std::string> scalar_text(const value& of);

/// As messages show what was written.
inline std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// "did you mean …?" or what there is.
std::string suggestion(std::string_view wrong, names known);

}  // namespace bv::sim
