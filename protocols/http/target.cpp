#include "protocols/http/target.hpp"

namespace bv::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<error> bad_target(std::string message) {
  return failure(error_kind::invalid, "bad_target", std::move(message));
}

/// Calls `each` for the parts of `text` between separators.
template <class Each>
bool split(std::string_view text, char separator, Each each) {
  for (;;) {
    const auto end = text.find(separator);
    if (!each(text.substr(0, end))) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string_view> target::decode(std::string_view text, bool plus_is_space) {
  if (text.find_first_of(plus_is_space ? "%+" : "%") == text.npos) return text;
  const auto start = scratch_.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      scratch_ += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      scratch_ += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return std::string_view(scratch_).substr(start);
}

result<void> target::parse(std::string_view text) {
  segments_.clear();
  query_.clear();
  scratch_.clear();
  scratch_.reserve(text.size());
  path_ = text;
  if (text == "*") return {};
  if (const auto scheme = text.find("://"); !text.starts_with('/') && scheme != text.npos) {
    const auto slash = text.find('/', scheme + 3);
    text = slash == text.npos ? std::string_view("/") : text.substr(slash);
  }
  if (!text.starts_with('/')) return bad_target("the request target must start with '/'");
  if (const auto hash = text.find('#'); hash != text.npos)
    return bad_target("a request target holds no fragment ('#')");

  const auto mark = text.find('?');
  path_ = text.substr(0, mark);
  const bool path_is_sound = split(path_.substr(1), '/', [&](std::string_view part) {
    const auto decoded = decode(part, false);
    if (decoded) segments_.push_back(*decoded);
    return decoded.has_value();
  });
  if (!path_is_sound) return bad_target("the path holds a '%' that two hexadecimal digits do not follow");
  if (mark == text.npos) return {};

  const bool query_is_sound = split(text.substr(mark + 1), '&', [&](std::string_view part) {
    if (part.empty()) return true;
    const auto equals = part.find('=');
    const auto name = decode(part.substr(0, equals), true);
    const auto value = decode(equals == part.npos ? std::string_view() : part.substr(equals + 1), true);
    if (name && value) query_.push_back({*name, *value});
    return name && value;
  });
  if (!query_is_sound) return bad_target("the query holds a '%' that two hexadecimal digits do not follow");
  return {};
}

std::optional<std::string_view> target::parameter(std::string_view name) const {
  for (const auto& one : query_)
    if (one.name == name) return one.value;
  return std::nullopt;
}

}  // namespace bv::http
