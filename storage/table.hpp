#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::storage {

/// A change of a table: a put, or a removal if `value` is empty.
struct table_write {
  bytes key;
  std::optional<bytes> value;
};

struct table_row {
  bytes key;
  bytes value;
};

/// An ordered table of bytes, for what is computed from the log (projections). One write is atomic; after
/// a crash the table holds a prefix of the writes. Threads: reads from any, writes from one at a time.
class table {
 public:
  virtual ~table() = default;
  virtual result<void> write(std::vector<table_write> changes) = 0;
  virtual result<std::optional<bytes>> get(bytes_view key) const = 0;
  /// Rows with `from` <= key < `until` (empty `until`: to the end), in order, or in reverse order from the
  /// last before `until`. `visit` returns false to stop.
  virtual result<void> scan(bytes_view from, bytes_view until, bool reverse,
                            const std::function<bool(bytes_view key, bytes_view value)>& visit) const = 0;
};

/// What a table may be called: 1 to 100 of [a-z0-9_.-]. Error `bad_table_name`.
result<void> check_table_name(std::string_view name);

/// The answer of a table that was dropped.
tl::unexpected<error> table_dropped(std::string_view name);

/// Named tables, in the same database as the derived store.
class table_store {
 public:
  virtual ~table_store() = default;
  /// Opens or creates; the name is 1 to 100 of [a-z0-9_.-].
  virtual result<std::shared_ptr<table>> open(std::string_view name) = 0;
  virtual result<std::vector<std::string>> names() const = 0;
  /// Removes a table and its rows; open handles answer `not_found` from then on.
  virtual result<void> drop(std::string_view name) = 0;
};

}  // namespace bv::storage
