#include "sim/plan/table_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "sim/plan/plan.hpp"
#include "sim/plan/times.hpp"

namespace bv::sim {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Whether TOML's own number or truth value reads as this text again.
bool is_bare(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, number);
  return text == "true" || text == "false" || (fault == std::errc{} && stopped == end && std::to_string(number) == text);
}

/// Keys need quotes if they are more than letters, digits, _ and -.
bool is_bare_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string table_writer::quoted(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), is_control);
  if (plain && text.find('"') != std::string_view::npos && text.find('\'') == std::string_view::npos)
    return "'" + std::string(text) + "'";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (is_control(c)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string table_writer::list(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& each : texts) out += (out.empty() ? "" : ", ") + quoted(each);
  return "[" + out + "]";
}

void table_writer::seed(std::string_view key, std::uint64_t& what) {
  put(key, std::to_string(what));
  lines_.back().always = true;
}
void table_writer::flag(std::string_view key, bool& what) { put(key, what ? "true" : "false"); }
void table_writer::text(std::string_view key, std::string& what) { put(key, quoted(what)); }
void table_writer::texts(std::string_view key, std::vector<std::string>& what) { put(key, list(what)); }
void table_writer::time(std::string_view key, duration& what, duration) { put(key, quoted(to_text(what))); }
void table_writer::between(std::string_view key, span& what, duration) { put(key, quoted(to_text(what))); }
void table_writer::node(std::string_view key, std::uint16_t& what) {
  put(key, quoted(what == the_leader ? std::string(leader_name) : "n" + std::to_string(what + 1)));
}
void table_writer::ends(std::string_view key, std::string& a, std::string& b) { put(key, list({a, b})); }
void table_writer::field_is(std::string_view key, std::string& field, std::string& expected) {
  put(key, "{ " + (is_bare_key(field) ? field : quoted(field)) + " = " + (is_bare(expected) ? expected : quoted(expected)) +
               " }");
}

}  // namespace bv::sim
