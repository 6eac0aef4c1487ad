#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/runtime/projection.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::commerce {

/// Rows that one request looks at, at most; a page that hits it is short and names where to go on.
inline constexpr std::size_t rows_per_request_max = 2'000;

/// Eight bytes that sort as the number does.
bytes ascending(std::uint64_t number);

/// Eight bytes that sort the newest first.
bytes newest_first(timestamp moment);

/// The least key above all that begin with `prefix`, which is not all 0xff.
bytes after_all(bytes_view prefix);

/// A place in an index as clients see it: opaque text, marked with what order it belongs to.
std::string to_cursor(char mark, bytes_view place);
/// Error: `cursor_invalid`.
result<bytes> from_cursor(char mark, std::string_view text);

/// A stretch of an index: the keys that begin with `prefix`, of which `first` … `last` (exclusive; empty for
/// all) is wanted. Places in it are keys without the prefix.
struct index_range {
  bytes prefix;
  bytes first{};
  bytes last{};
  bool descending = false;
};

struct index_entry {
  bytes place;
  bytes value;
};

/// At most `count_max` entries that come after `after` (a place; nothing starts at the beginning).
result<std::vector<index_entry>> read_index(const runtime::projection_view& view, const index_range& range,
                                            const std::optional<bytes>& after, std::size_t count_max);

/// Fills a page of at most `limit` rows from an index: `take` gets each entry and tells whether it made a row
/// of it. Answers the cursor of the next page, or nothing at the end.
result<std::optional<std::string>> fill_page(const runtime::projection_view& view, const index_range& range,
                                             char mark, const std::optional<std::string>& cursor,
                                             std::size_t limit,
                                             const std::function<result<bool>(const index_entry&)>& take);

}  // namespace bv::commerce
