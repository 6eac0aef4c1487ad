#pragma once

#include <string>
#include <string_view>

#include "actors/runtime/gateway.hpp"
#include "protocols/http/message.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::http {

/// The principal of a caller who names none. Never empty: an empty principal is the system itself.
inline constexpr std::string_view anonymous = "anonymous";

/// Who asks, by the headers: X-User-Id (auth mode `dev` believes it), X-Correlation-Id, traceparent. What is
/// not given is made up; a traceparent that is malformed counts as not given, as its specification wants.
/// Errors: `bad_user_id`, `bad_correlation_id`; `from` is then filled as far as it goes.
result<void> identify(const request& asked, runtime::caller& from);

/// The command id of an Idempotency-Key, empty if there is none. Two users' keys never meet each other, nor
/// the ids that sagas and timers make. Errors: `bad_idempotency_key`.
result<std::string> command_id_of(const request& asked, std::string_view principal);

}  // namespace bv::http
