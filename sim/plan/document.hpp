#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A TOML file as plain values that know where they stand, so that whoever reads them can say so, and can read them as
/// often as there are seeds.
namespace bv::sim {

/// Counted from 1.
struct place {
  std::uint32_t line = 1, column = 1;
};

/// Something in a file that is wrong.
struct problem {
  place where;
  std::string what;
};

struct member;
/// Sorted by key.
struct table {
  std::vector<member> members;
  [[nodiscard]] const member* find(std::string_view key) const;
};

struct value {
  std::variant<bool, std::int64_t, double, std::string, std::vector<value>, table> is;
  place where;
};

struct member {
  std::string key;
  place where;
  value what;
};

/// What the file holds. Problems are those of syntax; values of kinds that no scenario has (dates) are among them.
struct document {
  value root;
  std::vector<problem> problems;
};
document parse_document(std::string_view text, const std::string& file);

}  // namespace bv::sim
