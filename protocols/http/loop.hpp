#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "protocols/http/counters.hpp"
#include "protocols/http/handler.hpp"
#include "protocols/http/limits.hpp"
#include "protocols/http/mailbox.hpp"

namespace boost::asio {
class io_context;
}

namespace bv::http {

using time_point = std::chrono::steady_clock::time_point;

/// One connection, as its loop sees it. Everything here runs on the loop's thread.
class connection {
 public:
  virtual ~connection() = default;
  virtual void start() = 0;
  virtual void deliver(std::uint64_t sequence, const std::function<response()>& make) = 0;
  virtual void stream_changed() = 0;
  /// Does what is due; called a few times in the shortest timeout.
  virtual void tick(time_point now) = 0;
  /// Ends as soon as the request under way is answered.
  virtual void drain() = 0;
  virtual void abort() = 0;

  std::size_t slot = 0;  ///< in the loop's list
};

/// A thread with its event loop and its share of the connections. A connection lives on one loop, so nothing
/// of it needs a lock.
class loop {
 public:
  loop(const limits& bounds, handler& app, counters& counts);
  ~loop();

  void start();
  /// Takes over an accepted socket; with `refuse` only to say 503. Any thread.
  void adopt(int socket, std::string peer, bool refuse);
  /// Lets the requests under way finish and closes everything else. Any thread.
  void drain();
  /// Waits until every connection has gone, at most until `latest`; then ends the thread.
  void stop(time_point latest);

  // For connections and the listener, on the loop's thread.
  boost::asio::io_context& context();
  const limits& bounds() const;
  handler& app() const;
  counters& counts() const;
  const std::shared_ptr<mailbox>& box() const;
  bool draining() const;
  std::string_view date();  ///< the Date field's value
  void remove(connection& gone);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Makes a connection of an accepted socket (connection.cpp).
std::shared_ptr<connection> make_connection(loop& home, int socket, std::string peer, bool refuse);

}  // namespace bv::http
