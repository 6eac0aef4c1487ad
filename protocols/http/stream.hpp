#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "protocols/http/handler.hpp"
#include "protocols/http/mailbox.hpp"

namespace bv::http {

/// A stream with its connection's side.
class client_stream final : public stream {
 public:
  client_stream(std::size_t buffer_bytes_max, std::function<void()> changed)
      : buffer_bytes_max_(buffer_bytes_max), changed_(std::move(changed)) {}

  bool write(std::string_view piece) override;
  std::size_t room() const override;
  void finish() override;
  bool closed() const override;

  /// From here on `who` is told through `box` when there is something to take.
  void bind(std::shared_ptr<mailbox> box, std::shared_ptr<connection> who);

  struct portion {
    std::string data;
    bool last = false;    ///< the stream was finished, this is its end
    bool broken = false;  ///< more was written than fits: cut the client off
  };
  portion take();
  /// Tells the writer that everything taken is with the kernel.
  void drained();
  /// The client is gone.
  void lost();

 private:
  void wake_locked();

  const std::size_t buffer_bytes_max_;
  mutable std::mutex guard_;
  std::function<void()> changed_;  ///< used on the connection's thread only
  std::shared_ptr<mailbox> box_;
  std::shared_ptr<connection> who_;
  std::string pending_;
  std::size_t taken_ = 0;  ///< taken and not yet with the kernel
  bool woken_ = false, finished_ = false, closed_ = false, broken_ = false;
};

}  // namespace bv::http
