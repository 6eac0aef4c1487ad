#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "protocols/http/limits.hpp"
#include "protocols/http/message.hpp"

namespace bv::http {

/// A request that can't be taken: the answer's status and what to say. The connection ends with it, because
/// where the next request would start is not known any more.
struct refusal {
  int status = 400;
  error what;
};

/// Turns the bytes of one connection into requests, one at a time; bytes of later ones wait. Knows no socket.
/// Used by one thread.
class request_reader {
 public:
  explicit request_reader(const limits& bounds);
  ~request_reader();

  /// Where the next bytes from the client go. Never empty after parse() asked for more.
  std::span<char> space();
  /// `count` bytes were put there.
  void commit(std::size_t count);

  enum class step {
    need_more,
    need_body,  ///< as need_more, and the client waits for "100 Continue" before it sends the body
    ready,      ///< current() is a whole request
    refused     ///< see why()
  };
  step parse();

  /// The request that parse() found, until next().
  request& current();
  /// Whether the connection can go on after the answer, as the client sees it.
  bool keep_alive() const;
  bool http_1_0() const;
  const refusal& why() const;

  /// Lets go of the current request and its bytes.
  void next();
  /// True if nothing of a further request has arrived.
  bool idle() const;
  /// Memory held for a body, to be counted against all connections' budget.
  std::size_t capacity() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::http
