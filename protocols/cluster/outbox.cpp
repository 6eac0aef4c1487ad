#include "protocols/cluster/outbox.hpp"

#include <utility>

namespace bv::cluster {

void write_batch::add(frame_kind kind, bytes payload) {
  if (kind == frame_kind::payload) {
    ++payload_frames_;
    payload_bytes_ += payload.size();
  }
  bytes_ += header_bytes + payload.size();
  if (payload.size() <= copied_bytes_max) return append_frame(copied_, kind, payload);
  append_header(copied_, kind, payload.size());
  large_.push_back({copied_.size(), std::move(payload)});
}

void write_batch::add_raw(bytes_view framed) {
  bytes_ += framed.size();
  copied_ += framed;
}

std::vector<bytes_view> write_batch::parts() const {
  std::vector<bytes_view> all;
  std::size_t from = 0;
  const auto copied_until = [&](std::size_t end) {
    if (end > from) all.push_back(bytes_view(copied_).substr(from, end - from));
    from = end;
  };
  for (const auto& one : large_) {
    copied_until(one.copied_until);
    all.emplace_back(one.payload);
  }
  copied_until(copied_.size());
  return all;
}

void write_batch::clear() {
  copied_.clear();
  large_.clear();
  bytes_ = payload_frames_ = payload_bytes_ = 0;
}

outbox::answer outbox::put(bytes payload) {
  const std::lock_guard lock(guard_);
  if (closed_ || frames_ >= frames_max_ || payload.size() > bytes_max_ - bytes_) return answer::refused;
  bytes_ += payload.size();
  ++frames_;
  waiting_.push_back(std::move(payload));
  return std::exchange(io_looks_, true) ? answer::queued : answer::wake;
}

void outbox::take(write_batch& into) {
  while (!into.full()) {
    if (next_taken_ == taken_.size()) {
      taken_.clear();
      next_taken_ = 0;
      const std::lock_guard lock(guard_);
      taken_.swap(waiting_);
      if (taken_.empty()) {
        io_looks_ = !into.empty();
        return;
      }
    }
    into.add(frame_kind::payload, std::move(taken_[next_taken_++]));
  }
}

void outbox::written(const write_batch& batch) {
  const std::lock_guard lock(guard_);
  bytes_ -= batch.payload_bytes();
  frames_ -= batch.payload_frames();
}

void outbox::close() {
  const std::lock_guard lock(guard_);
  closed_ = true;
}

}  // namespace bv::cluster
