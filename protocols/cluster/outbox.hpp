#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "protocols/cluster/frame.hpp"
#include "protocols/schema/base/bytes.hpp"

namespace bv::cluster {

/// What one write takes: many small frames copied together, large ones where they are.
class write_batch {
 public:
  static constexpr std::size_t bytes_aim = 64 * 1024;
  static constexpr std::size_t copied_bytes_max = 32 * 1024;  ///< of one frame; a larger one stays where it is

  void add(frame_kind kind, bytes payload);
  /// Bytes that are framed already.
  void add_raw(bytes_view framed);
  [[nodiscard]] bool full() const { return bytes_ >= bytes_aim; }
  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  /// Valid until the batch changes.
  [[nodiscard]] std::vector<bytes_view> parts() const;
  [[nodiscard]] std::size_t payload_frames() const { return payload_frames_; }
  [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }
  void clear();

 private:
  struct place {
    std::size_t copied_until;  ///< where in `copied_` a large payload comes in
    bytes payload;
  };
  std::string copied_;
  std::vector<place> large_;
  std::size_t bytes_ = 0, payload_frames_ = 0, payload_bytes_ = 0;
};

/// The payloads that wait for one link: several threads put in, the io thread takes out.
class outbox {
 public:
  outbox(std::size_t bytes_max, std::size_t frames_max) : bytes_max_(bytes_max), frames_max_(frames_max) {}

  enum class answer {
    refused,  ///< closed, or no room
    queued,
    wake,  ///< queued, and the io thread is not looking: it must be told
  };
  /// Any thread.
  answer put(bytes payload);
  /// Fills the batch. Once it leaves the batch empty, the next put() says `wake`. Io thread.
  void take(write_batch& into);
  /// What was taken has left: there is room again.
  void written(const write_batch& batch);
  /// Takes nothing more in.
  void close();

 private:
  const std::size_t bytes_max_, frames_max_;
  std::mutex guard_;
  std::vector<bytes> waiting_;
  std::size_t bytes_ = 0, frames_ = 0;  ///< waiting, taken, and not yet written
  bool closed_ = false, io_looks_ = false;

  std::vector<bytes> taken_;  ///< the io thread's own
  std::size_t next_taken_ = 0;
};

}  // namespace bv::cluster
