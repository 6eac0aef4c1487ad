#include "protocols/http/identity.hpp"

#include <algorithm>

#include "protocols/http/ids.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/envelope.hpp"

namespace bv::http {
namespace {

constexpr std::size_t correlation_size_max = 128;
constexpr std::size_t idempotency_key_size_max = 200;
constexpr std::size_t key_kept_size_max = 120;  // with prefix and principal it fits a command id
constexpr std::size_t span_start = 36, span_size = 16;

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// The caller's trace goes on under a span of our own.
std::string continue_trace(std::string_view given) {
  if (given.size() != 55 || !given.starts_with("00-") || schema::trace_id_of(given).empty())
    return "00-" + random_hex(16) + "-" + random_hex(8) + "-01";
  std::string ours(given);
  ours.replace(span_start, span_size, random_hex(span_size / 2));
  return ours;
}

}  // namespace

result<void> identify(const request& asked, runtime::caller& from) {
  from.principal = anonymous;
  from.trace = continue_trace(asked.headers.get("traceparent"));
  const auto correlation = asked.headers.find("X-Correlation-Id");
  const bool usable = correlation && !correlation->empty() && correlation->size() <= correlation_size_max &&
                      is_visible_ascii(*correlation);
  from.correlation = usable ? *correlation : schema::trace_id_of(from.trace);
  if (correlation && !usable)
    return failure(error_kind::invalid, "bad_correlation_id",
                   "X-Correlation-Id takes 1 to 128 visible ASCII characters", "X-Correlation-Id");
  if (!asked.headers.find("X-User-Id")) return {};
  auto user = asked.headers.joined("X-User-Id");
  if (!entity_key::make(entity_key::default_tenant, "user", user))
    return failure(error_kind::invalid, "bad_user_id",
                   "X-User-Id takes 1 to 128 letters, digits and . _ : ~ -, once", "X-User-Id");
  from.principal = std::move(user);
  return {};
}

result<std::string> command_id_of(const request& asked, std::string_view principal) {
  const auto given = asked.headers.find("Idempotency-Key");
  if (!given) return std::string();
  const auto key = asked.headers.joined("Idempotency-Key");
  if (key.empty() || key.size() > idempotency_key_size_max || !is_visible_ascii(key))
    return failure(error_kind::invalid, "bad_idempotency_key",
                   "Idempotency-Key takes 1 to 200 visible ASCII characters, once", "Idempotency-Key");
  if (key.size() > key_kept_size_max)
    return std::string("http#/").append(principal).append("/" + derived_hex(key, ""));
  return std::string("http/").append(principal).append("/").append(key);
}

}  // namespace bv::http
