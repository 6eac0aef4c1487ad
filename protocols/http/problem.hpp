#pragma once

#include <string>
#include <string_view>

#include "protocols/http/message.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::http {

/// The status that a kind of failure has on this protocol. `invalid` is 400: README.md says why not 422.
int status_of(error_kind kind);

/// An application/problem+json answer (RFC 9457): `type`, `title`, `status`, `detail`, `code`, and where
/// there is one `path` (the place in the request) and `correlationId`. Adds Retry-After where a later try
/// makes sense.
response problem(const error& what, std::string_view correlation = {});
/// The same with a status that the kind alone does not tell (405, 415 …).
response problem(int status, const error& what, std::string_view correlation = {});

}  // namespace bv::http
