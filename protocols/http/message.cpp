#include "protocols/http/message.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bv::http {
namespace {

constexpr std::array<std::pair<method, std::string_view>, 7> method_names{{
    {method::get, "GET"},
    {method::head, "HEAD"},
    {method::post, "POST"},
    {method::put, "PUT"},
    {method::patch, "PATCH"},
    {method::remove, "DELETE"},
    {method::options, "OPTIONS"},
}};

constexpr std::array<std::pair<int, std::string_view>, 29> reasons{{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

method method_from(std::string_view name) {
  for (const auto& [verb, known] : method_names)
    if (known == name) return verb;
  return method::other;
}

std::string_view to_string(method verb) {
  for (const auto& [known, name] : method_names)
    if (known == verb) return name;
  return "?";
}

bool same_token(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> header_fields::find(std::string_view name) const {
  for (const auto& field : all)
    if (same_token(field.name, name)) return field.value;
  return std::nullopt;
}

std::string header_fields::joined(std::string_view name) const {
  std::string list;
  for (const auto& field : all) {
    if (!same_token(field.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += field.value;
  }
  return list;
}

response& response::add(std::string_view name, std::string_view value) {
  fields_.append(name).append(": ");
  for (const char c : value)
    if (c != '\r' && c != '\n' && c != '\0') fields_ += c;
  fields_ += "\r\n";
  return *this;
}

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : reasons)
    if (known == status) return phrase;
  return "Unknown";
}

}  // namespace bv::http
