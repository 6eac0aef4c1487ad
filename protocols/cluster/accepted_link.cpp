#include "protocols/cluster/accepted_link.hpp"

#include <utility>

namespace bv::cluster {

accepted_link::accepted_link(link_world& world, int socket, std::string peer, std::function<void(accepted_link&)> on_begun)
    : world_(world), peer_(std::move(peer)), on_begun_(std::move(on_begun)), channel_(world.place, socket, world.tls(), side::accepts, *this) {}

accepted_link::~accepted_link() {
  if (begun_ && !ended_) world_.place.counts.links_in.fetch_sub(1, relaxed);
}

void accepted_link::on_hello(const bytes& payload) {
  if (other_) return channel_.refuse({error_kind::invalid, "protocol_broken", "a second hello"});
  auto met = meet(world_, payload, channel_.peer());
  if (!met) return channel_.refuse(met.error());
  other_ = std::move(*met);
  channel_.send(frame_kind::hello, encode_hello(world_.self));
}

void accepted_link::begin() {
  if (!other_ || begun_) return channel_.refuse({error_kind::invalid, "protocol_broken", "begin without a hello, or a second one"});
  begun_ = true;
  world_.place.counts.links_in.fetch_add(1, relaxed);
  channel_.introduced();
  on_begun_(*this);
}

void accepted_link::on_frame(frame_kind kind, bytes payload) {
  const bool before_begin = kind == frame_kind::hello || kind == frame_kind::refusal || kind == frame_kind::begin;
  if (!begun_ && !before_begin) return channel_.refuse({error_kind::invalid, "protocol_broken", "frames come before begin"});
  switch (kind) {
    case frame_kind::hello: return on_hello(payload);
    case frame_kind::begin: return begin();
    case frame_kind::refusal: {
      const auto why = decode_refusal(payload);
      channel_.close();
      return on_ended(why);
    }
    case frame_kind::ping:
      said_alive_ = std::chrono::steady_clock::now();
      return channel_.send(frame_kind::pong);
    case frame_kind::pong: return;
    case frame_kind::payload:
      world_.place.counts.frames_received.fetch_add(1, relaxed);
      world_.place.counts.bytes_received.fetch_add(payload.size(), relaxed);
      return world_.listener->on_frame(other_->hello.node, std::move(payload));
  }
}

void accepted_link::on_ended(const error& why) {
  if (std::exchange(ended_, true)) return;
  if (begun_) {
    world_.place.counts.links_in.fetch_sub(1, relaxed);
    world_.log.say(runtime::note_level::info, "from " + other_->hello.name + " at " + peer_, why, std::chrono::steady_clock::now());
    return;
  }
  if (why.code == "own_address") return;
  if (!is_loss(why)) world_.place.counts.handshakes_refused.fetch_add(1, relaxed);
  world_.log.say(runtime::note_level::warning, "from " + peer_, why, std::chrono::steady_clock::now());
}

void accepted_link::close(const error& why) {
  channel_.close();
  on_ended(why);
}

void accepted_link::tick(instant now) {
  channel_.tick(now);
  if (ended_ || !begun_ || channel_.lingers()) return;
  // A long frame comes in slowly: its pings are behind it.
  if (channel_.heard() <= said_alive_ || now - said_alive_ < world_.options().ping_interval) return;
  said_alive_ = now;
  channel_.send(frame_kind::pong);
}

}  // namespace bv::cluster
