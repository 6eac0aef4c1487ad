#include "protocols/http/reply.hpp"

#include "protocols/http/gzip.hpp"
#include "protocols/http/negotiation.hpp"
#include "protocols/http/problem.hpp"

namespace bv::http {
namespace {

constexpr std::size_t gzip_size_bytes_min = 1024;  // below, the packet count stays the same

constexpr std::string_view exposed_fields =
    "Bv-Consistency, ETag, Location, Retry-After, Idempotent-Replayed, Preference-Applied, X-Correlation-Id, traceparent";

}  // namespace

void decorate(response& answer, const reply_context& about) {
  answer.add("X-Correlation-Id", about.from.correlation);
  answer.add("traceparent", about.from.trace);
  answer.add("X-Content-Type-Options", "nosniff");
  answer.add("Vary", "Accept-Encoding, Origin, X-User-Id");
  if (!about.allowed_origin.empty()) {
    answer.add("Access-Control-Allow-Origin", about.allowed_origin);
    answer.add("Access-Control-Expose-Headers", exposed_fields);
  }
  if (!about.accepts_gzip || answer.streamed || answer.shared_body ||
      answer.body.size() < gzip_size_bytes_min)
    return;
  answer.body = gzip(answer.body);
  answer.add("Content-Encoding", "gzip");
  if (!answer.etag.empty()) answer.etag = gzip_tag(answer.etag);
}

void reply::send(response answer) const {
  to_.send([kept = std::move(answer), about = about_]() mutable {
    decorate(kept, *about);
    return std::move(kept);
  });
}

void reply::send(std::function<response()> make) const {
  to_.send([make = std::move(make), about = about_] {
    auto answer = make();
    decorate(answer, *about);
    return answer;
  });
}

void reply::fail(const error& why) const {
  send(problem_of(why));
}

void reply::fail(int status, const error& why) const {
  send(problem(status, why, from().correlation));
}

response reply::problem_of(const error& why) const {
  return problem(why, from().correlation);
}

response json_response(int status, std::string body) {
  response answer;
  answer.status = status;
  answer.add("Content-Type", "application/json");
  answer.body = std::move(body);
  return answer;
}

}  // namespace bv::http
