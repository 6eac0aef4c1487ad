#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace bv {

/// What kind of failure an error is. Every protocol maps the kind, never the code, to its own status.
enum class error_kind {
  invalid,              ///< the request is malformed or breaks a limit of the contract
  unauthenticated,      ///< nobody is named
  forbidden,            ///< the one named may not do it
  not_found,            ///< no such entity, type, command or route
  conflict,             ///< the state of the entity forbids it (a domain rejection)
  precondition_failed,  ///< the version that the caller expected is not the current one
  too_large,            ///< a named size limit is exceeded
  overloaded,           ///< admission refused it; nothing happened; try again after `retry_after_ms`
  unavailable,          ///< the node can't serve it now (recovering, stopping, disk full); nothing happened
  timeout,              ///< no answer inside the deadline; it may or may not have happened
  internal,             ///< a fault of ours or of the disk; the log tells more
};

/// An expected failure. `code` is stable and reaches users ("cart_full"); `message` says what was wrong
/// and what would be right; `context` names where: a path in the command, a file:line, a key.
struct error {
  error_kind kind = error_kind::internal;
  std::string code;
  std::string message;
  std::string context = {};
  int retry_after_ms = 0;

  friend bool operator==(const error&, const error&) = default;
};

/// The kind's stable name, as logs and the journal write it ("not_found").
std::string_view to_string(error_kind kind);

/// The kind with that name; `internal` for a name that this version does not know.
error_kind error_kind_from(std::string_view name);

/// One line for people: `code: message (context)`.
std::string describe(const error& failure);

template <class T>
using result = tl::expected<T, error>;

/// `return failure(error_kind::conflict, "cart_full", "a cart holds at most 100 lines");`
inline tl::unexpected<error> failure(error_kind kind, std::string code, std::string message,
                                     std::string context = {}) {
  return tl::unexpected<error>(error{kind, std::move(code), std::move(message), std::move(context)});
}
inline tl::unexpected<error> failure(error e) { return tl::unexpected<error>(std::move(e)); }

}  // namespace bv

#define BV_CONCAT_(a, b) a##b
#define BV_CONCAT(a, b) BV_CONCAT_(a, b)

/// Evaluates a result and returns its error from the enclosing function, if it has one.
#define BV_TRY(expression)                                                        \
  do {                                                                            \
    if (auto bv_outcome = (expression); !bv_outcome)                              \
      return tl::unexpected<::bv::error>(std::move(bv_outcome).error());          \
  } while (false)

/// `BV_ASSIGN(auto x, parse(text));`: as BV_TRY, and binds the value.
#define BV_ASSIGN(declaration, expression)                                                     \
  auto BV_CONCAT(bv_result_, __LINE__) = (expression);                                         \
  if (!BV_CONCAT(bv_result_, __LINE__))                                                        \
    return tl::unexpected<::bv::error>(std::move(BV_CONCAT(bv_result_, __LINE__)).error());    \
  declaration = *std::move(BV_CONCAT(bv_result_, __LINE__))
