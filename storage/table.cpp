#include "storage/table.hpp"

#include <algorithm>

namespace bv::storage {
namespace {

constexpr std::size_t table_name_size_max = 100;

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

}  // namespace

result<void> check_table_name(std::string_view name) {
  if (!name.empty() && name.size() <= table_name_size_max && std::ranges::all_of(name, allowed)) return {};
  return failure(
      error_kind::invalid, "bad_table_name",
      "a table's name is 1 to 100 of a-z, 0-9, _, . and -; not '" + std::string(name.substr(0, 120)) + "'");
}

tl::unexpected<error> table_dropped(std::string_view name) {
  return failure(error_kind::not_found, "table_dropped", "the table was dropped; open it anew",
                 std::string(name));
}

}  // namespace bv::storage
