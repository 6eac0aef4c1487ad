#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/plan/plan.hpp"
#include "sim/plan/table_reader.hpp"

namespace bv::sim {

/// Takes the keys of one table and what they are, as TOML; follows the functions of format.hpp as table_reader does.
class table_writer {
 public:
  struct line {
    std::string key, text;
    bool always = false;  ///< stands in the file even if it is the default: left out, it would be drawn
  };

  template <class T>
    requires std::integral<T>
  void number(std::string_view key, T& what, std::int64_t, std::int64_t) {
    put(key, std::to_string(what));
  }
  void seed(std::string_view key, std::uint64_t& what);
  void flag(std::string_view key, bool& what);
  void text(std::string_view key, std::string& what);
  void texts(std::string_view key, std::vector<std::string>& what);
  void time(std::string_view key, duration& what, duration min = {});
  void between(std::string_view key, span& what, duration min = {});
  void node(std::string_view key, std::uint16_t& what);
  void ends(std::string_view key, std::string& a, std::string& b);
  void field_is(std::string_view key, std::string& field, std::string& expected);
  template <class Enum>
    requires std::is_enum_v<Enum>
  void choice(std::string_view key, Enum& what, names all) {
    put(key, quoted(all[static_cast<std::size_t>(what)]));
  }

  [[nodiscard]] const std::vector<line>& lines() const { return lines_; }

  /// As TOML: `"…"`, or `'…'` where that saves escapes.
  static std::string quoted(std::string_view text);
  static std::string list(const std::vector<std::string>& texts);

 private:
  void put(std::string_view key, std::string text) { lines_.push_back({std::string(key), std::move(text)}); }

  std::vector<line> lines_;
};

}  // namespace bv::sim
