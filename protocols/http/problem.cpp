#include "protocols/http/problem.hpp"

#include <algorithm>

#include "protocols/http/head.hpp"
#include "protocols/schema/json.hpp"

namespace bv::http {

using schema::append_json_string;
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
  // After a 504 too: it may have happened, but with the same Idempotency-Key it does not happen twice.
  const bool again = status == 429 || status == 503 || status == 504;
  if (again || what.retry_after_ms > 0) {
    // Whole seconds are all that the field can say.
    std::string seconds;
    append_number(seconds, static_cast<std::size_t>(std::max(1, (what.retry_after_ms + 999) / 1000)));
    answer.add("Retry-After", seconds);
  }
  return answer;
}

}  // namespace bv::http
