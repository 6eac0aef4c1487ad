#include "protocols/cluster/doorman.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "protocols/cluster/accepted_link.hpp"
#include "protocols/cluster/address.hpp"

namespace bv::cluster {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 128;
constexpr milliseconds out_of_descriptors_pause{100};

class tcp_doorman final : public doorman {
 public:
  explicit tcp_doorman(asio::io_context& io) : acceptor_(io), pause_(io) {}

  result<void> listen(const std::string& where);
  [[nodiscard]] std::uint16_t port() const override { return port_; }
  void open(link_world& world) override {
    world_ = &world;
    accept();
  }
  void tick(instant now) override;
  void disconnect(runtime::node_id node) override;
  void close() override;

 private:
  void accept();
  void take(tcp::socket socket, const tcp::endpoint& from);
  void sweep();
  void make_room();
  void begun(accepted_link& newer);

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  link_world* world_ = nullptr;
  std::vector<std::unique_ptr<accepted_link>> in_;  ///< the longest there first
};

result<void> tcp_doorman::listen(const std::string& where) {
  BV_ASSIGN(auto at, parse_address(where));
  if (at.host == "localhost") at.host = "127.0.0.1";
  error_code why;
  const auto number = asio::ip::make_address(at.host, why);
  if (why) return failure(error_kind::invalid, "bad_address", "'" + where + "': a node listens on an IP address, as 0.0.0.0:9100 or [::]:9100", where);
  const tcp::endpoint place(number, at.port);
  acceptor_.open(place.protocol(), why);
  if (!why) acceptor_.set_option(asio::socket_base::reuse_address(true), why);
  if (!why) acceptor_.bind(place, why);
  if (!why) acceptor_.listen(backlog, why);
  if (why) return failure(error_kind::unavailable, "listen_failed", "can't listen on " + where + ": " + why.message(), where);
  port_ = acceptor_.local_endpoint(why).port();
  return {};
}

void tcp_doorman::accept() {
  acceptor_.async_accept([this](const error_code& why, tcp::socket socket) {
    if (why == asio::error::operation_aborted) return;
    if (!why) {
      error_code gone;
      const auto from = socket.remote_endpoint(gone);
      if (!gone) take(std::move(socket), from);
      return accept();
    }
    // Out of descriptors, most likely: the connection stays in the queue and would come back at once.
    pause_.expires_after(out_of_descriptors_pause);
    pause_.async_wait([this](const error_code& ended) {
      if (!ended) accept();
    });
  });
}

void tcp_doorman::take(tcp::socket socket, const tcp::endpoint& from) {
  sweep();
  if (in_.size() >= world_->options().connections_max) {
    world_->place.counts.connections_turned_away.fetch_add(1, relaxed);
    return;
  }
  make_room();
  world_->before_handshake();
  error_code why;
  const int descriptor = socket.release(why);
  if (why) return;
  in_.push_back(std::make_unique<accepted_link>(*world_, descriptor, from.address().to_string(),
                                                [this](accepted_link& newer) { begun(newer); }));
  in_.back()->start();
}

void tcp_doorman::sweep() {
  std::erase_if(in_, [](const auto& one) { return one->ended(); });
}

/// Strangers don't wait for each other: the one that took longest goes, so that who says nothing keeps nobody out. Of those who were
/// admitted and are about to begin, one goes only if there are no others.
void tcp_doorman::make_room() {
  const auto strangers = std::ranges::count_if(in_, [](const auto& one) { return one->stranger(); });
  if (static_cast<std::size_t>(strangers) < world_->options().handshakes_max) return;
  world_->place.counts.connections_turned_away.fetch_add(1, relaxed);
  auto longest = std::ranges::find_if(in_, [](const auto& one) { return one->stranger() && !one->other(); });
  if (longest == in_.end()) longest = std::ranges::find_if(in_, [](const auto& one) { return one->stranger(); });
  (*longest)->close({error_kind::overloaded, "too_many_strangers", "more than " + std::to_string(world_->options().handshakes_max) + " connections were to introduce themselves"});
  sweep();
}

/// A node has one link to another: an earlier one is what is left of a link whose end was not noticed here.
void tcp_doorman::begun(accepted_link& newer) {
  for (const auto& one : in_) {
    if (one.get() == &newer || one->stranger() || one->other()->hello.node != newer.other()->hello.node) continue;
    one->close({error_kind::unavailable, "link_superseded", "the node has made another link"});
  }
}

void tcp_doorman::tick(instant now) {
  // By index: what a link tells the listener may come back here.
  for (std::size_t i = 0; i < in_.size(); ++i) in_[i]->tick(now);
  sweep();
}

void tcp_doorman::disconnect(runtime::node_id node) {
  for (const auto& one : in_)
    if (one->other() && one->other()->hello.node == node) one->close({error_kind::unavailable, "disconnected", "this node ends the link"});
}

void tcp_doorman::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  in_.clear();
}

}  // namespace

result<std::unique_ptr<doorman>> doorman::listen(asio::io_context& io, const std::string& where) {
  auto made = std::make_unique<tcp_doorman>(io);
  BV_TRY(made->listen(where));
  return std::unique_ptr<doorman>(std::move(made));
}

}  // namespace bv::cluster
