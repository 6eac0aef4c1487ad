#include "protocols/admin/conversation.hpp"

#include <boost/json.hpp>

namespace bv::admin {
namespace {

constexpr std::size_t buffer_bytes_max = std::size_t{4} << 20;
/// Room that progress leaves to the result.
constexpr std::size_t kept_for_result = std::size_t{3} << 20;
constexpr std::chrono::milliseconds between_lines{100};

std::shared_ptr<http::stream> make_body(std::stop_source stop) {
  // The stream calls while it lives, and once more when its client has gone.
  const auto self = std::make_shared<std::weak_ptr<http::stream>>();
  auto made = http::stream::make(buffer_bytes_max, [self, stop]() mutable {
    const auto body = self->lock();
    if (body && body->closed()) stop.request_stop();
  });
  *self = made;
  return made;
}

boost::json::object object_of(const error& why) {
  return {{"code", why.code}, {"message", why.message}, {"context", why.context}, {"kind", to_string(why.kind)}};
}

std::string line_of(std::string_view what, const boost::json::object& content) {
  return boost::json::serialize(boost::json::object{{what, content}}) + "\n";
}

}  // namespace

conversation::conversation(std::stop_source stop) : stop_(std::move(stop)), body_(make_body(stop_)) {}

void conversation::progress(const boost::json::object& how_far) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < between_lines || body_->room() < kept_for_result) return;
  last_ = now;
  if (!body_->write(line_of("progress", how_far))) stop_.request_stop();
}

void conversation::end(const result<boost::json::object>& outcome) {
  body_->write(outcome ? line_of("result", *outcome) : line_of("error", object_of(outcome.error())));
  body_->finish();
}

}  // namespace bv::admin
