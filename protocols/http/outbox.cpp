#include "protocols/http/outbox.hpp"

#include <algorithm>

#include "protocols/http/limits.hpp"

namespace bv::http {
namespace {

constexpr std::size_t copied_body_max = 16 * 1024;

}  // namespace

void outbox::add_body(std::string body, std::shared_ptr<const std::string> shared) {
  const std::string_view content = shared ? std::string_view(*shared) : body;
  if (content.size() <= copied_body_max) {
    head_ += content;
  } else {
    body_ = std::move(body);
    shared_ = std::move(shared);
  }
}

std::array<std::string_view, 2> outbox::left() const {
  const auto of_head = std::min(sent_, head_.size());
  return {std::string_view(head_).substr(of_head), tail().substr(sent_ - of_head)};
}

void outbox::clear() {
  head_.clear();
  if (head_.capacity() > kept_capacity) head_ = {};
  body_ = {};
  shared_.reset();
  sent_ = 0;
}

}  // namespace bv::http
