#include "protocols/http/core.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <future>
#include <optional>
#include <vector>

#include "protocols/http/listening_socket.hpp"
#include "protocols/http/loop.hpp"

namespace bv::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int accepted_in_one_go_max = 64;
constexpr milliseconds out_of_descriptors_pause{100};
constexpr unsigned threads_max = 64;

std::string peer_text(const sockaddr_storage& from) {
  char text[INET6_ADDRSTRLEN] = "";
  if (from.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof text);
  else if (from.ss_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, text, sizeof text);
  return text;
}

}  // namespace

struct core::parts {
  parts(core_options o, listening_socket l, handler& app) : options(std::move(o)), listening(std::move(l)) {
    for (unsigned i = 0; i < options.threads; ++i)
      loops.push_back(std::make_unique<loop>(options.bounds, app, counts));
    acceptor.emplace(loops.front()->context(), ::fcntl(listening->get(), F_DUPFD_CLOEXEC, 0));
    pause.emplace(loops.front()->context());
  }

  core_options options;
  counters counts;
  std::vector<std::unique_ptr<loop>> loops;
  std::optional<listening_socket> listening;
  std::optional<asio::posix::stream_descriptor> acceptor;  // on the first loop
  std::optional<asio::steady_timer> pause;
  std::size_t next_loop = 0;
  const std::uint16_t port = listening->port();
  bool stopped = false;

  void wait();
  void accept_waiting();
  void take(int socket, const sockaddr_storage& from);
};

void core::parts::wait() {
  acceptor->async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& why) {
    if (!why) accept_waiting();
  });
}

void core::parts::accept_waiting() {
  for (int i = 0; i < accepted_in_one_go_max; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket = ::accept4(acceptor->native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      take(socket, from);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the queue and would wake us at once, over and over.
      pause->expires_after(out_of_descriptors_pause);
      pause->async_wait([this](const error_code& why) {
        if (!why) wait();
      });
      return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      break;
    }
  }
  wait();
}

void core::parts::take(int socket, const sockaddr_storage& from) {
  const auto open = static_cast<std::size_t>(counts.connections_open.load(std::memory_order_relaxed));
  const bool full = open >= options.bounds.connections_max;
  (full ? counts.connections_refused : counts.connections_accepted).fetch_add(1, std::memory_order_relaxed);
  if (full && open >= options.bounds.connections_max + options.bounds.refusals_max) {
    ::close(socket);
    return;
  }
  // Counted here, so that a burst is measured before the loops have seen it.
  counts.connections_open.fetch_add(1, std::memory_order_relaxed);
  loops[next_loop]->adopt(socket, peer_text(from), full);
  next_loop = (next_loop + 1) % loops.size();
}

core::core(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
core::~core() {
  stop();
}

result<std::unique_ptr<core>> core::start(core_options options, handler& app) {
  if (options.threads == 0 || options.threads > threads_max)
    return failure(error_kind::invalid, "bad_thread_count", "the HTTP server takes 1 to 64 threads");
  BV_ASSIGN(auto listening, listening_socket::open(options.listen));
  auto p = std::make_unique<parts>(std::move(options), std::move(listening), app);
  for (auto& one : p->loops) one->start();
  asio::post(p->loops.front()->context(), [raw = p.get()] { raw->wait(); });
  return std::unique_ptr<core>(new core(std::move(p)));
}

std::uint16_t core::port() const {
  return parts_->port;
}
const counters& core::counts() const {
  return parts_->counts;
}
const limits& core::bounds() const {
  return parts_->options.bounds;
}

void core::stop() {
  auto& p = *parts_;
  if (std::exchange(p.stopped, true)) return;
  std::promise<void> closed;
  asio::post(p.loops.front()->context(), [&] {
    p.acceptor.reset();
    p.listening.reset();
    p.pause.reset();
    closed.set_value();
  });
  closed.get_future().wait();
  for (auto& one : p.loops) one->drain();
  const auto latest = std::chrono::steady_clock::now() + p.options.bounds.drain_timeout;
  for (auto& one : p.loops) one->stop(latest);
}

}  // namespace bv::http
