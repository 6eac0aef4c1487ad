#include "protocols/http/stream.hpp"

#include <utility>

namespace bv::http {

std::shared_ptr<stream> stream::make(std::size_t buffer_bytes_max, std::function<void()> changed) {
  return std::make_shared<client_stream>(buffer_bytes_max, std::move(changed));
}

void client_stream::wake_locked() {
  if (woken_ || !box_) return;
  woken_ = true;
  box_->push({who_, 0, {}});
}

bool client_stream::write(std::string_view piece) {
  const std::lock_guard lock(guard_);
  if (closed_ || finished_ || broken_) return false;
  const auto waiting = pending_.size() + taken_;
  broken_ = waiting > 0 && waiting + piece.size() > buffer_bytes_max_;
  if (!broken_) pending_.append(piece);
  wake_locked();
  return !broken_;
}

std::size_t client_stream::room() const {
  const std::lock_guard lock(guard_);
  const auto waiting = pending_.size() + taken_;
  return closed_ || finished_ || broken_ || waiting > buffer_bytes_max_ ? 0 : buffer_bytes_max_ - waiting;
}

void client_stream::finish() {
  const std::lock_guard lock(guard_);
  finished_ = true;
  wake_locked();
}

bool client_stream::closed() const {
  const std::lock_guard lock(guard_);
  return closed_;
}

void client_stream::bind(std::shared_ptr<mailbox> box, std::shared_ptr<connection> who) {
  const std::lock_guard lock(guard_);
  box_ = std::move(box);
  who_ = std::move(who);
}

client_stream::portion client_stream::take() {
  const std::lock_guard lock(guard_);
  woken_ = false;
  portion all{std::exchange(pending_, {}), finished_, broken_};
  taken_ = all.data.size();
  return all;
}

void client_stream::drained() {
  {
    const std::lock_guard lock(guard_);
    taken_ = 0;
  }
  if (changed_) changed_();
}

void client_stream::lost() {
  std::shared_ptr<connection> let_go;
  {
    const std::lock_guard lock(guard_);
    if (std::exchange(closed_, true)) return;
    let_go = std::move(who_);
    box_.reset();
    pending_ = {};
  }
  if (const auto changed = std::exchange(changed_, {})) changed();
}

}  // namespace bv::http
