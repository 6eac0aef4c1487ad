#include "actors/commerce/listing.hpp"

#include <algorithm>

#include "actors/commerce/rejection.hpp"
#include "protocols/schema/base/assert.hpp"

namespace bv::commerce {
namespace {

constexpr std::size_t chunk_entries_min = 64;
constexpr std::string_view digits = "0123456789abcdef";

auto bad_cursor() {
  return malformed("cursor_invalid", "the cursor is not one that this list has given, in this order",
                   "cursor");
}

}  // namespace

bytes ascending(std::uint64_t number) {
  bytes sorted(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8)
    sorted[static_cast<std::size_t>(i)] = static_cast<char>(number & 0xff);
  return sorted;
}

bytes newest_first(timestamp moment) {
  return ascending(~static_cast<std::uint64_t>(moment.ns));
}

bytes after_all(bytes_view prefix) {
  bytes next(prefix);
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xff) next.pop_back();
  BV_ASSERT(!next.empty(), "every key begins with the letter of its table");
  next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

std::string to_cursor(char mark, bytes_view place) {
  std::string text(1, mark);
  text.reserve(1 + 2 * place.size());
  for (const auto c : place) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 0xf];
  }
  return text;
}

result<bytes> from_cursor(char mark, std::string_view text) {
  if (text.size() < 3 || text.size() % 2 == 0 || text[0] != mark) return bad_cursor();
  bytes place;
  place.reserve(text.size() / 2);
  for (std::size_t i = 1; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return bad_cursor();
    place += static_cast<char>(high << 4 | low);
  }
  return place;
}

result<std::vector<index_entry>> read_index(const runtime::projection_view& view, const index_range& range,
                                            const std::optional<bytes>& after, std::size_t count_max) {
  auto from = range.prefix + range.first;
  auto until = range.last.empty() ? after_all(range.prefix) : range.prefix + range.last;
  if (after && range.descending) until = std::min(until, range.prefix + *after);
  if (after && !range.descending) from = std::max(from, range.prefix + *after + '\0');
  std::vector<index_entry> found;
  if (from >= until) return found;
  BV_TRY(view.scan(from, until, range.descending, [&](bytes_view key, bytes_view value) {
    if (found.size() == count_max) return false;
    found.push_back({bytes(key.substr(range.prefix.size())), bytes(value)});
    return found.size() < count_max;
  }));
  return found;
}

result<std::optional<std::string>> fill_page(const runtime::projection_view& view, const index_range& range,
                                             char mark, const std::optional<std::string>& cursor,
                                             std::size_t limit,
                                             const std::function<result<bool>(const index_entry&)>& take) {
  std::optional<bytes> at;
  if (cursor && !cursor->empty()) {
    BV_ASSIGN(at, from_cursor(mark, *cursor));
  }
  std::size_t taken = 0, seen = 0;
  for (;;) {
    // One more than could be needed, so that a full last page knows that it is the last.
    const auto wanted = std::min(std::max(chunk_entries_min, limit + 1), rows_per_request_max + 1 - seen);
    BV_ASSIGN(const auto entries, read_index(view, range, at, wanted));
    for (const auto& entry : entries) {
      if (taken == limit || seen == rows_per_request_max) return to_cursor(mark, *at);
      BV_ASSIGN(const bool row, take(entry));
      taken += row ? 1 : 0;
      ++seen;
      at = entry.place;
    }
    if (entries.size() < wanted) return std::optional<std::string>{};
  }
}

}  // namespace bv::commerce
