#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace bv::http {

/// The bytes of one answer on their way to the kernel: a head, and a body that is not copied if it is large.
class outbox {
 public:
  /// Where the head is built.
  std::string& head() { return head_; }
  /// Adds the body. Small ones are put behind the head, so that both leave in one packet.
  void add_body(std::string body, std::shared_ptr<const std::string> shared);

  [[nodiscard]] std::size_t size_bytes() const { return head_.size() + tail().size(); }
  [[nodiscard]] bool done() const { return sent_ == size_bytes(); }
  /// What is left, in order; the second part may be empty.
  [[nodiscard]] std::array<std::string_view, 2> left() const;
  void taken(std::size_t count) { sent_ += count; }
  /// Forgets everything, and gives memory back that one large answer took.
  void clear();

 private:
  [[nodiscard]] std::string_view tail() const { return shared_ ? std::string_view(*shared_) : body_; }

  std::string head_, body_;
  std::shared_ptr<const std::string> shared_;
  std::size_t sent_ = 0;
};

}  // namespace bv::http
