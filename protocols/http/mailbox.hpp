#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "protocols/http/message.hpp"

namespace bv::http {

class connection;

/// Something for a connection's thread to do: the answer to its request `sequence`, or, without `make`, a
/// look at its stream.
struct delivery {
  std::shared_ptr<connection> to;
  std::uint64_t sequence = 0;
  std::function<response()> make;
};

/// The way from other threads to a loop. However many answers come while the loop is busy, it is woken once.
/// Bounded by the connections: each has one request and one stream under way at most.
class mailbox {
 public:
  /// `wake` is called, on the pushing thread, when the mailbox stops being empty.
  explicit mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void push(delivery item);
  std::vector<delivery> take();
  /// Drops what comes from now on; `wake` is not called any more.
  void close();

 private:
  std::mutex guard_;
  std::function<void()> wake_;
  std::vector<delivery> items_;
  bool closed_ = false;
};

/// One request's way back.
class exchange {
 public:
  exchange(std::shared_ptr<mailbox> box, std::shared_ptr<connection> who, std::uint64_t sequence)
      : box_(std::move(box)), who_(std::move(who)), sequence_(sequence) {}
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  void send(std::function<response()> make);

 private:
  std::shared_ptr<mailbox> box_;
  std::shared_ptr<connection> who_;
  std::uint64_t sequence_;
  std::atomic<bool> answered_{false};
};

}  // namespace bv::http
