#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/runtime/gateway.hpp"
#include "protocols/http/handler.hpp"

namespace bv::http {

/// What must be known of a request when its answer is made.
struct reply_context {
  runtime::caller from;  ///< who asks, and by what the answer can be traced
  bool accepts_gzip = false;
  std::string allowed_origin;  ///< for CORS: the origin that may read the answer; empty for none
};

/// A responder that gives every answer what all answers have: correlation and trace, CORS, gzip where it is
/// wanted.
class reply {
 public:
  reply(responder to, std::shared_ptr<const reply_context> about)
      : to_(std::move(to)), about_(std::move(about)) {}

  [[nodiscard]] const runtime::caller& from() const { return about_->from; }
  [[nodiscard]] bool accepts_gzip() const { return about_->accepts_gzip; }

  void send(response answer) const;
  /// `make` runs on the connection's thread.
  void send(std::function<response()> make) const;
  void fail(const error& why) const;
  void fail(int status, const error& why) const;

  /// The problem as this request's answer shows it, for those that make their response themselves.
  [[nodiscard]] response problem_of(const error& why) const;

 private:
  responder to_;
  std::shared_ptr<const reply_context> about_;
};

/// Adds to the answer what all answers have.
void decorate(response& answer, const reply_context& about);

/// `{…}` with its content type.
response json_response(int status, std::string body);

}  // namespace bv::http
