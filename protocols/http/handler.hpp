#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "protocols/http/message.hpp"

namespace bv::http {

class exchange;

/// The right to answer one request, once, from any thread, now or later. Copies stand for the same answer. If
/// all copies go without having answered, the client gets a 500: nobody waits for ever.
class responder {
 public:
  explicit responder(std::shared_ptr<exchange> about) : about_(std::move(about)) {}

  /// Answers. A second answer is dropped.
  void send(response answer) const;
  /// Answers with what `make` returns. It runs on the connection's thread, so that the thread that has the
  /// result need not spend its time on rendering it.
  void send(std::function<response()> make) const;

 private:
  std::shared_ptr<exchange> about_;
};

/// What the server calls for every request, on the connection's thread: it must not block.
class handler {
 public:
  virtual ~handler() = default;
  virtual void on_request(const request& asked, responder answer) = 0;
};

/// The body of an answer that goes on: bytes on their way to one client, a bounded number of them. Threads:
/// any.
class stream {
 public:
  /// `changed` is called on the connection's thread when all bytes written so far are with the kernel, and
  /// when the client has gone. It must not block.
  static std::shared_ptr<stream> make(std::size_t buffer_bytes_max, std::function<void()> changed);
  virtual ~stream() = default;

  /// False if the client is gone, or too slow: the piece does not fit, and the client is cut off.
  virtual bool write(std::string_view piece) = 0;
  /// How many bytes write() would take now.
  virtual std::size_t room() const = 0;
  /// Ends the answer properly after what was written.
  virtual void finish() = 0;
  virtual bool closed() const = 0;
};

}  // namespace bv::http
