#include "protocols/http/front.hpp"

#include <algorithm>

#include "protocols/http/identity.hpp"
#include "protocols/http/negotiation.hpp"
#include "protocols/http/problem.hpp"

namespace bv::http {
namespace {

constexpr std::string_view problem_type = "application/problem+json";
constexpr std::string_view every_method = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr std::string_view preflight_fields =
    "Accept, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, X-User-Id, "
    "X-Correlation-Id, traceparent";
constexpr std::string_view preflight_age_s = "600";

response with_allow(response answer, std::string_view allowed) {
  answer.add("Allow", allowed);
  return answer;
}

}  // namespace

std::string front::allowed_origin(const request& asked) const {
  const auto origin = asked.headers.get("Origin");
  if (origin.empty() || allowed_origins_.empty()) return {};
  for (const auto& one : allowed_origins_)
    if (one == origin || one == "*") return one;
  return {};
}

/// OPTIONS: what may be done here, and for a browser's preflight whether its page may do it.
void front::describe(const request& asked, const route_table::node& there, const reply& answer) const {
  response described;
  described.status = 204;
  const auto allowed = there.allowed();
  described.add("Allow", allowed);
  if (asked.headers.find("Access-Control-Request-Method") && !allowed_origin(asked).empty()) {
    described.add("Access-Control-Allow-Methods", allowed);
    described.add("Access-Control-Allow-Headers", preflight_fields);
    described.add("Access-Control-Max-Age", preflight_age_s);
  }
  answer.send(std::move(described));
}

void front::on_request(const request& asked, responder to) {
  auto about = std::make_shared<reply_context>();
  const auto identified = identify(asked, about->from);
  about->accepts_gzip = accepts_gzip(asked.headers.get("Accept-Encoding"));
  about->allowed_origin = allowed_origin(asked);
  const reply answer(std::move(to), std::move(about));
  if (!identified) return answer.fail(identified.error());

  if (asked.where.path() == "*" && asked.verb == method::options) {
    response all;
    all.status = 204;
    return answer.send(with_allow(std::move(all), every_method));
  }
  if (asked.verb == method::other)
    return answer.fail(501, {error_kind::invalid,
                             "unknown_method",
                             "no route has the method " + std::string(asked.method_name),
                             {}});
  std::vector<std::string_view> values;
  const auto* there = routes_.find(asked.where.segments(), values);
  if (!there)
    return answer.fail(
        {error_kind::not_found,
         "no_such_route",
         "there is nothing at " + std::string(asked.where.path()) + "; /openapi.json lists what there is",
         {}});
  if (asked.verb == method::options) return describe(asked, *there, answer);

  const auto* endpoint = there->find(asked.verb);
  if (!endpoint) {
    const error why{error_kind::invalid,
                    "method_not_allowed",
                    std::string(asked.method_name) + " is not among " + there->allowed(),
                    {}};
    return answer.send(with_allow(problem(405, why, answer.from().correlation), there->allowed()));
  }
  const auto accept = asked.headers.joined("Accept");
  if (!endpoint->media_type().empty() && !accepts(accept, endpoint->media_type()) &&
      !accepts(accept, problem_type))
    return answer.fail(406, {error_kind::invalid, "not_acceptable",
                             "the answer is " + std::string(endpoint->media_type()), "Accept"});
  endpoint->serve({asked, values, answer});
}

}  // namespace bv::http
