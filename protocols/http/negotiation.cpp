#include "protocols/http/negotiation.hpp"

#include <charconv>

#include "protocols/http/message.hpp"

namespace bv::http {
namespace {

constexpr std::string_view gzip_suffix = "-gzip";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `each` for the trimmed parts of a list; stops when it returns true, and says so.
template <class Each>
bool any_of(std::string_view list, char separator, Each each) {
  for (;;) {
    const auto end = list.find(separator);
    if (const auto part = trim(list.substr(0, end)); !part.empty() && each(part)) return true;
    if (end == list.npos) return false;
    list.remove_prefix(end + 1);
  }
}

struct weighted {
  std::string_view name;
  bool wanted = true;  // q is not 0
};

weighted parse_weighted(std::string_view part) {
  const auto semicolon = part.find(';');
  weighted parsed{trim(part.substr(0, semicolon))};
  if (semicolon == part.npos) return parsed;
  any_of(part.substr(semicolon + 1), ';', [&](std::string_view parameter) {
    if (parameter.size() < 2 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=')
      return false;
    parsed.wanted = parameter.substr(2).find_first_not_of("0.") != parameter.npos;
    return true;
  });
  return parsed;
}

/// `"x"` or `W/"x"` without the quotes and our suffix; `weak` says which it was.
std::string_view opaque(std::string_view tag, bool& weak) {
  weak = tag.starts_with("W/");
  if (weak) tag.remove_prefix(2);
  if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return {};
  tag = tag.substr(1, tag.size() - 2);
  if (tag.ends_with(gzip_suffix)) tag.remove_suffix(gzip_suffix.size());
  return tag;
}

}  // namespace

bool accepts(std::string_view accept, std::string_view media_type) {
  if (trim(accept).empty()) return true;
  const auto group = media_type.substr(0, media_type.find('/'));
  // The most specific range decides: `application/json;q=0, */*` refuses JSON.
  int best = 0;
  bool wanted = false;
  any_of(accept, ',', [&](std::string_view part) {
    const auto range = parse_weighted(part);
    const auto slash = range.name.find('/');
    const bool group_matches = slash != range.name.npos && same_token(range.name.substr(0, slash), group);
    int rank = 0;
    if (same_token(range.name, media_type))
      rank = 3;
    else if (group_matches && range.name.substr(slash) == "/*")
      rank = 2;
    else if (range.name == "*/*" || range.name == "*")
      rank = 1;
    if (rank > best || (rank == best && rank > 0 && range.wanted)) {
      best = rank;
      wanted = range.wanted;
    }
    return false;
  });
  return wanted;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool by_name = false, by_star = false, named = false;
  any_of(accept_encoding, ',', [&](std::string_view part) {
    const auto coding = parse_weighted(part);
    if (same_token(coding.name, "gzip") || same_token(coding.name, "x-gzip")) {
      named = true;
      by_name = coding.wanted;
    } else if (coding.name == "*") {
      by_star = coding.wanted;
    }
    return false;
  });
  return named ? by_name : by_star;
}

bool is_json(std::string_view content_type) {
  return same_token(trim(content_type.substr(0, content_type.find(';'))), "application/json");
}

bool prefers_representation(std::string_view prefer) {
  return any_of(prefer, ',', [](std::string_view preference) {
    const auto head = trim(preference.substr(0, preference.find(';')));
    return same_token(head, "return=representation") || same_token(head, "return=\"representation\"");
  });
}

std::string version_tag(std::uint64_t version) {
  return '"' + std::to_string(version) + '"';
}

std::string gzip_tag(std::string_view tag) {
  std::string changed(tag);
  if (changed.size() >= 2) changed.insert(changed.size() - 1, gzip_suffix);
  return changed;
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  bool weak = false;
  const auto ours = opaque(tag, weak);
  return any_of(if_none_match, ',', [&](std::string_view one) {
    return one == "*" || (!ours.empty() && opaque(one, weak) == ours);
  });
}

std::optional<version_condition> parse_if_match(std::optional<std::string_view> if_match) {
  if (!if_match) return std::nullopt;
  version_condition condition;
  any_of(*if_match, ',', [&](std::string_view one) {
    if (one == "*") condition.any = true;
    bool weak = false;
    const auto digits = opaque(one, weak);
    std::uint64_t version = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (!weak && !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size())
      condition.versions.push_back(version);
    return false;
  });
  return condition;
}

}  // namespace bv::http
