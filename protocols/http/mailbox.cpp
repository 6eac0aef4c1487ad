#include "protocols/http/mailbox.hpp"

#include "protocols/http/handler.hpp"
#include "protocols/http/problem.hpp"

namespace bv::http {

void mailbox::push(delivery item) {
  const std::lock_guard lock(guard_);
  if (closed_) return;
  items_.push_back(std::move(item));
  // Under the lock, so that close() knows that nobody is in there any more.
  if (items_.size() == 1) wake_();
}

std::vector<delivery> mailbox::take() {
  std::vector<delivery> taken;
  const std::lock_guard lock(guard_);
  taken.swap(items_);
  items_.reserve(taken.size());
  return taken;
}

void mailbox::close() {
  std::vector<delivery> dropped;  // destroyed outside the lock: the last owner of an exchange may push
  const std::lock_guard lock(guard_);
  closed_ = true;
  dropped.swap(items_);
}

exchange::~exchange() {
  if (answered_.load(std::memory_order_relaxed)) return;
  box_->push({std::move(who_), sequence_, [] {
                return problem(
                    {error_kind::internal, "unanswered", "the request was given up without an answer", {}});
              }});
}

void exchange::send(std::function<response()> make) {
  if (answered_.exchange(true)) return;
  box_->push({std::move(who_), sequence_, std::move(make)});
}

void responder::send(response answer) const {
  // std::function wants a copyable callable; it is called once, so the answer can be moved out.
  about_->send([kept = std::move(answer)]() mutable { return std::move(kept); });
}

void responder::send(std::function<response()> make) const {
  about_->send(std::move(make));
}

}  // namespace bv::http
