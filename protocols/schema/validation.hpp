#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace re2 {
class RE2;
}

namespace bv::schema {

// What generated validate() functions are made of. Paths are put together only when something is wrong, from the
// inside out.

/// Puts `outer` before the error's path: "lines[3]" and "sku" give "lines[3].sku".
error inside(error why, std::string_view outer);
std::string element(std::string_view list, std::size_t index);

tl::unexpected<error> below_min(std::string_view field, std::int64_t min, std::string found);
tl::unexpected<error> above_max(std::string_view field, std::int64_t max, std::string found);
/// `unit`: "bytes" or "elements".
tl::unexpected<error> too_short(std::string_view field, std::uint32_t min, std::size_t found, std::string_view unit);
tl::unexpected<error> too_long(std::string_view field, std::uint32_t max, std::size_t found, std::string_view unit);

/// Whether the whole text matches; `expression` is RE2 syntax and known to be right.
class pattern {
 public:
  explicit pattern(const char* expression);
  ~pattern();
  pattern(const pattern&) = delete;
  pattern& operator=(const pattern&) = delete;
  result<void> check(std::string_view field, std::string_view text) const;
  [[nodiscard]] bool matches(std::string_view text) const;
  [[nodiscard]] const std::string& expression() const;

 private:
  re2::RE2* compiled_;
};

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);
tl::unexpected<error> not_utf8(std::string_view field);

}  // namespace bv::schema
