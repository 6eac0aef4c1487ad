#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"

namespace bv::http {

struct query_parameter {
  std::string_view name, value;
};

/// A request target taken apart: the decoded segments of its path and its decoded query parameters. Views
/// point into the text that was parsed or into the object itself, so it is neither copied nor moved.
class target {
 public:
  target() = default;
  target(const target&) = delete;
  target& operator=(const target&) = delete;

  /// Takes origin form (`/a/b?c=d`), absolute form and `*` (no segments). Reuses its memory. Errors:
  /// `bad_target`.
  result<void> parse(std::string_view text);

  /// `/api/cart/` has the segments `api`, `cart` and an empty one; `/` has one empty segment.
  [[nodiscard]] const std::vector<std::string_view>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<query_parameter>& query() const { return query_; }
  /// The path as it was sent, without the query.
  [[nodiscard]] std::string_view path() const { return path_; }
  /// The first parameter of that name.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;

 private:
  std::optional<std::string_view> decode(std::string_view text, bool plus_is_space);

  std::string_view path_;
  std::vector<std::string_view> segments_;
  std::vector<query_parameter> query_;
  std::string scratch_;  ///< decoded text; never longer than the target, so it is reserved once and stays put
};

}  // namespace bv::http
