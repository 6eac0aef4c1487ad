#include "protocols/cluster/dialed_link.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "protocols/cluster/address.hpp"

namespace bv::cluster {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::note_level;

class tcp_dialed_link final : public dialed_link, public channel_listener, public std::enable_shared_from_this<tcp_dialed_link> {
 public:
  tcp_dialed_link(link_world& world, std::string address)
      : world_(world), resolver_(world.place.io), socket_(world.place.io), timer_(world.place.io), backoff_(world.options().backoff_min) {
    status_.address = std::move(address);
  }

  void dial();

  void list(bool wanted) override;
  void tick(instant now) override;
  void disconnect(runtime::node_id node) override;
  void parted(runtime::node_id node) override;
  void remake() override;
  void stop() override;
  [[nodiscard]] bool over() const override { return !wanted_ && !remaking_ && status_.state != dial_state::up && status_.state != dial_state::dialing; }
  [[nodiscard]] const dialed_status& status() const override { return status_; }

 private:
  template <class Handle>
  auto of_this_attempt(Handle handle);
  void resolve(const host_port& where);
  void connect(std::vector<tcp::endpoint> places);
  void connected();
  void on_ready() override { channel_->send(frame_kind::hello, encode_hello(world_.self)); }
  void on_frame(frame_kind kind, bytes payload) override;
  void on_ended(const error& why) override;
  void on_hello(const bytes& payload);
  void up();
  void part(const error& why);
  void failed(const error& why);
  void dial_after(milliseconds pause);
  milliseconds next_pause();
  void hang_up(const error& why);

  link_world& world_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::unique_ptr<channel> channel_;
  dialed_status status_;
  runtime::node_hello other_;
  bool wanted_ = true, connecting_ = false, remaking_ = false;
  std::uint64_t attempt_ = 0;  ///< answers to earlier ones don't count
  instant connect_until_, up_since_, pinged_;
  milliseconds backoff_;
};

template <class Handle>
auto tcp_dialed_link::of_this_attempt(Handle handle) {
  return [self = shared_from_this(), attempt = attempt_, handle](const error_code& why, auto&&... what) {
    if (attempt == self->attempt_) handle(*self, why, what...);
  };
}

void tcp_dialed_link::dial() {
  ++attempt_;
  if (!wanted_) {
    status_.state = dial_state::waiting;
    return;
  }
  status_.state = dial_state::dialing;
  channel_.reset();
  const auto where = parse_address(status_.address);
  if (!where) return failed(where.error());
  connecting_ = true;
  connect_until_ = std::chrono::steady_clock::now() + world_.options().handshake_timeout;
  error_code no_number;
  const auto number = asio::ip::make_address(where->host, no_number);
  no_number ? resolve(*where) : connect({{number, where->port}});
}

void tcp_dialed_link::resolve(const host_port& where) {
  resolver_.async_resolve(where.host, std::to_string(where.port),
                          of_this_attempt([](auto& self, const error_code& why, const auto& found) {
                            if (why) return self.failed({error_kind::unavailable, "name_not_resolved", "no address for the name: " + why.message()});
                            std::vector<tcp::endpoint> places;
                            for (const auto& one : found) places.push_back(one.endpoint());
                            self.connect(std::move(places));
                          }));
}

void tcp_dialed_link::connect(std::vector<tcp::endpoint> places) {
  asio::async_connect(socket_, places, of_this_attempt([](auto& self, const error_code& why, const auto&) {
                        if (why) return self.failed({error_kind::unavailable, "connect_failed", "can't connect: " + why.message()});
                        self.connected();
                      }));
}

void tcp_dialed_link::connected() {
  connecting_ = false;
  error_code why;
  const int socket = socket_.release(why);
  if (why) return failed({error_kind::internal, "connect_failed", "can't take the socket: " + why.message()});
  world_.before_handshake();
  channel_ = std::make_unique<channel>(world_.place, socket, world_.tls(), side::dials, *this);
  channel_->start();
}

void tcp_dialed_link::on_hello(const bytes& payload) {
  if (status_.state != dial_state::dialing) return hang_up({error_kind::invalid, "protocol_broken", "a second hello"});
  const auto met = meet(world_, payload, channel_->peer());
  if (!met) return channel_->refuse(met.error());
  other_ = met->hello;
  status_.node = other_.node;
  status_.name = other_.name;
  if (!world_.directory.has(other_.node)) return up();
  // Quietly: it has not begun.
  channel_->close();
  dial_after(world_.options().spare_retry);
  status_.state = dial_state::spare;
}

void tcp_dialed_link::up() {
  status_.state = dial_state::up;
  status_.last_error.clear();
  pinged_ = up_since_ = std::chrono::steady_clock::now();
  world_.place.counts.links_up.fetch_add(1, relaxed);
  world_.place.counts.links_made.fetch_add(1, relaxed);
  const auto box = std::make_shared<outbox>(world_.options().queue_bytes_max, world_.options().queue_frames_max);
  world_.directory.add(other_.node, box, [&io = world_.place.io, me = weak_from_this(), attempt = attempt_] {
    asio::post(io, [me, attempt] {
      const auto self = me.lock();
      if (self && self->attempt_ == attempt && self->channel_) self->channel_->wake();
    });
  });
  world_.log.say(note_level::info, "link to " + other_.name + " at " + status_.address + " is up");
  world_.listener->on_link_up(other_);
  channel_->introduced();
  channel_->send(frame_kind::begin);
  channel_->carry(box);
}

void tcp_dialed_link::on_frame(frame_kind kind, bytes payload) {
  if (kind == frame_kind::hello) return on_hello(payload);
  if (kind == frame_kind::pong) return;  // that it came is all
  hang_up(kind == frame_kind::refusal ? decode_refusal(payload) : error{error_kind::invalid, "protocol_broken", "only answers come over this link"});
}

void tcp_dialed_link::hang_up(const error& why) {
  channel_->close();
  on_ended(why);
}

void tcp_dialed_link::on_ended(const error& why) {
  if (std::exchange(remaking_, false)) return dial_after(milliseconds(0));
  if (status_.state == dial_state::up) {
    const bool lasted = std::chrono::steady_clock::now() - up_since_ >= world_.options().backoff_max;
    if (lasted) backoff_ = world_.options().backoff_min;
    part(why);
    return dial_after(next_pause());
  }
  if (why.code != "own_address") return failed(why);
  ++attempt_;
  status_.state = dial_state::own;
}

/// The link is no more.
void tcp_dialed_link::part(const error& why) {
  status_.state = dial_state::waiting;
  status_.last_error = why.code + ": " + why.message;
  world_.place.counts.links_up.fetch_sub(1, relaxed);
  world_.place.counts.links_lost.fetch_add(1, relaxed);
  world_.directory.remove(other_.node);
  world_.log.say(note_level::warning, "link to " + other_.name + " at " + status_.address, why, std::chrono::steady_clock::now());
  world_.listener->on_link_down(other_.node);
  if (!remaking_) world_.on_parted(other_.node);
}

/// Dialing did not lead to a link.
void tcp_dialed_link::failed(const error& why) {
  connecting_ = false;
  error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
  status_.last_error = why.code + ": " + why.message;
  if (channel_ && !is_loss(why) && why.kind != error_kind::timeout) world_.place.counts.handshakes_refused.fetch_add(1, relaxed);
  world_.log.say(note_level::warning, "to " + status_.address, why, std::chrono::steady_clock::now());
  dial_after(next_pause());
}

milliseconds tcp_dialed_link::next_pause() {
  const auto pause = backoff_;
  backoff_ = std::min(backoff_ * 2, world_.options().backoff_max);
  // Half of it is drawn, so that nodes that lost each other at one moment don't dial at one moment.
  return pause / 2 + milliseconds(world_.random.below(static_cast<std::uint64_t>(pause.count() / 2 + 1)));
}

void tcp_dialed_link::dial_after(milliseconds pause) {
  ++attempt_;
  status_.state = dial_state::waiting;
  timer_.expires_after(pause);
  timer_.async_wait(of_this_attempt([](auto& self, const error_code& why) {
    if (!why) self.dial();
  }));
}

void tcp_dialed_link::list(bool wanted) {
  if (std::exchange(wanted_, wanted) == wanted) return;
  const bool idle = status_.state == dial_state::waiting || status_.state == dial_state::spare;
  if (wanted && idle) dial();
}

void tcp_dialed_link::disconnect(runtime::node_id node) {
  if (status_.state == dial_state::up && other_.node == node) hang_up({error_kind::unavailable, "disconnected", "this node ends the link"});
}

void tcp_dialed_link::parted(runtime::node_id node) {
  if (status_.state == dial_state::spare && other_.node == node) dial_after(milliseconds(0));
}

void tcp_dialed_link::remake() {
  if (status_.state != dial_state::up) return;
  remaking_ = true;
  const error why{error_kind::unavailable, "certificate_renewed", "the link is made anew with the new certificate"};
  part(why);
  channel_->finish(why);
}

void tcp_dialed_link::tick(instant now) {
  const auto& how = world_.options();
  if (connecting_ && now >= connect_until_)
    return failed({error_kind::timeout, "connect_timeout", "no connection within " + std::to_string(how.handshake_timeout.count()) + " ms"});
  if (channel_) channel_->tick(now);
  if (status_.state != dial_state::up) return;
  if (now - channel_->heard() < how.ping_interval || now - pinged_ < how.ping_interval) return;
  pinged_ = now;
  channel_->send(frame_kind::ping);
}

void tcp_dialed_link::stop() {
  ++attempt_;
  error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
  timer_.cancel();
  if (channel_) channel_->close();
}

}  // namespace

std::shared_ptr<dialed_link> dial(link_world& world, std::string address) {
  const auto made = std::make_shared<tcp_dialed_link>(world, std::move(address));
  made->dial();
  return made;
}

}  // namespace bv::cluster
