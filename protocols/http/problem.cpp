#include "protocols/http/problem.hpp"

#include <algorithm>

#include "protocols/http/head.hpp"

namespace bv::http {
namespace {

/// Length of the UTF-8 sequence at the start of `text`; 0 if it is not one.
std::size_t sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t size = first < 0x80                    ? 1
                     : first >= 0xC2 && first < 0xE0 ? 2
                     : first >= 0xE0 && first < 0xF0 ? 3
                                                     : 4;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
      (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
    return 0;
  return size;
}

}  // namespace

int status_of(error_kind kind) {
  switch (kind) {
    case error_kind::invalid: return 400;
    case error_kind::unauthenticated: return 401;
    case error_kind::forbidden: return 403;
    case error_kind::not_found: return 404;
    case error_kind::conflict: return 409;
    case error_kind::precondition_failed: return 412;
    case error_kind::too_large: return 413;
    case error_kind::overloaded: return 429;
    case error_kind::unavailable: return 503;
    case error_kind::timeout: return 504;
    case error_kind::internal: return 500;
  }
  return 500;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const auto size = sequence_size(text);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      (out += "\\u00") += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out += '"';
}

response problem(const error& what, std::string_view correlation) {
  return problem(status_of(what.kind), what, correlation);
}

response problem(int status, const error& what, std::string_view correlation) {
  response answer;
  answer.status = status;
  answer.add("Content-Type", "application/problem+json");
  answer.add("Cache-Control", "no-store");
  auto& body = answer.body;
  body = R"({"type":"urn:bitvelocity:problem:)";
  body += what.code;
  body += R"(","title":)";
  append_json_string(body, reason_phrase(status));
  body += R"(,"status":)";
  append_number(body, static_cast<std::size_t>(status));
  body += R"(,"code":)";
  append_json_string(body, what.code);
  body += R"(,"detail":)";
  append_json_string(body, what.message);
  if (!what.context.empty()) append_json_string(body += R"(,"path":)", what.context);
  if (!correlation.empty()) append_json_string(body += R"(,"correlationId":)", correlation);
  body += '}';
  const bool again = what.kind == error_kind::overloaded || what.kind == error_kind::unavailable;
  if (again || what.retry_after_ms > 0) {
    // Whole seconds are all that the field can say.
    std::string seconds;
    append_number(seconds, static_cast<std::size_t>(std::max(1, (what.retry_after_ms + 999) / 1000)));
    answer.add("Retry-After", seconds);
  }
  return answer;
}

}  // namespace bv::http
