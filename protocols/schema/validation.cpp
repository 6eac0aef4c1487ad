#include "protocols/schema/validation.hpp"

#include <re2/re2.h>

#include <cstring>

#include "protocols/schema/base/assert.hpp"

namespace bv::schema {
namespace {

tl::unexpected<error> breach(std::string code, std::string message, std::string_view field) {
  return failure(error_kind::invalid, std::move(code), std::move(message), std::string(field));
}

}  // namespace

error inside(error why, std::string_view outer) {
  if (why.context.empty())
    why.context = outer;
  else
    why.context = std::string(outer) + (why.context.front() == '[' ? "" : ".") + why.context;
  return why;
}

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

tl::unexpected<error> below_min(std::string_view field, std::int64_t min, std::string found) {
  return breach("below_min", "must be at least " + std::to_string(min) + ", it is " + found, field);
}

tl::unexpected<error> above_max(std::string_view field, std::int64_t max, std::string found) {
  return breach("above_max", "must be at most " + std::to_string(max) + ", it is " + found, field);
}

tl::unexpected<error> too_short(std::string_view field, std::uint32_t min, std::size_t found, std::string_view unit) {
  return breach("too_short",
                "must have at least " + std::to_string(min) + " " + std::string(unit) + ", it has " + std::to_string(found),
                field);
}

tl::unexpected<error> too_long(std::string_view field, std::uint32_t max, std::size_t found, std::string_view unit) {
  return breach("too_long",
                "must have at most " + std::to_string(max) + " " + std::string(unit) + ", it has " + std::to_string(found),
                field);
}

pattern::pattern(const char* expression) : compiled_(new re2::RE2(expression, re2::RE2::Quiet)) {
  BV_ASSERT(compiled_->ok(), "a contract has a pattern that is no regular expression");
}

pattern::~pattern() { delete compiled_; }

bool pattern::matches(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

const std::string& pattern::expression() const { return compiled_->pattern(); }

result<void> pattern::check(std::string_view field, std::string_view text) const {
  if (matches(text)) return {};
  return breach("pattern_mismatch", "must match " + compiled_->pattern(), field);
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    // Nearly all text is ASCII: eight bytes at a time.
    std::uint64_t eight = 0;
    if (i + sizeof(eight) <= text.size()) {
      std::memcpy(&eight, text.data() + i, sizeof(eight));
      if ((eight & 0x8080808080808080ULL) == 0) {
        i += sizeof(eight);
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7f >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return false;
      point = (point << 6) | (next & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

tl::unexpected<error> not_utf8(std::string_view field) { return breach("not_utf8", "must be valid UTF-8", field); }

}  // namespace bv::schema
