#include "protocols/cluster/channel.hpp"

#include <utility>

#include "actors/runtime/interconnect.hpp"
#include "protocols/cluster/introduction.hpp"

namespace bv::cluster {
namespace {

/// Control frames that wait while a write is under way: a few bytes each, answers to what came. Who asks for more does not read them.
constexpr std::size_t control_bytes_max = 64 * 1024;

timestamp wall_now() { return {std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()}; }

}  // namespace

channel::channel(const channel_place& place, int socket, ssl_ctx_st* tls, side which, channel_listener& to)
    : place_(place), to_(to), began_(std::chrono::steady_clock::now()), heard_(began_), deadline_(began_ + place.options.handshake_timeout),
      control_(preamble()),
      wire_(make_wire(place.io, socket, tls, which, static_cast<unsigned>(place.options.link_timeout.count()), *this)) {
  place_.counts.strangers.fetch_add(1, relaxed);
}

channel::~channel() { close(); }

void channel::start() { wire_->start(); }

void channel::on_ready() {
  ready_ = true;
  to_.on_ready();
  pump();
}

void channel::send(frame_kind kind, bytes_view payload) {
  if (phase_ == phase::leaving || phase_ == phase::ended) return;
  if (control_.size() + header_bytes + payload.size() > control_bytes_max)
    return end({error_kind::overloaded, "link_overloaded", "the other end asks and does not read the answers"});
  append_frame(control_, kind, payload);
  pump();
}

void channel::introduced() {
  if (phase_ != phase::strangers) return;
  phase_ = phase::linked;
  heard_ = std::chrono::steady_clock::now();
  count_off();
  reader_.allow_payloads(runtime::interconnect::frame_bytes_max);
}

void channel::carry(std::shared_ptr<outbox> from) {
  from_ = std::move(from);
  pump();
}

void channel::pump() {
  if (!ready_ || writing_ || phase_ == phase::leaving || phase_ == phase::ended) return;
  batch_.clear();
  if (!control_.empty()) batch_.add_raw(std::exchange(control_, {}));
  if (from_) from_->take(batch_);
  if (batch_.empty()) {
    if (finishing_) leave({});
    return;
  }
  writing_ = true;
  wire_->write(batch_.parts());
}

void channel::on_written() {
  writing_ = false;
  if (from_ && batch_.payload_frames() > 0) {
    from_->written(batch_);
    place_.counts.frames_sent.fetch_add(batch_.payload_frames(), relaxed);
    place_.counts.bytes_sent.fetch_add(batch_.payload_bytes(), relaxed);
  }
  pump();
}

void channel::on_bytes(bytes_view came) {
  if (deaf_) return;
  heard_ = std::chrono::steady_clock::now();
  const auto read = reader_.read(came, [this](frame_kind kind, bytes payload) {
    to_.on_frame(kind, std::move(payload));
    return !deaf_ && phase_ != phase::ended;
  });
  if (!read) refuse(read.error());
}

void channel::refuse(const error& why) {
  if (deaf_ || phase_ == phase::leaving || phase_ == phase::ended) return;
  deaf_ = true;
  from_.reset();
  reason_ = why;
  if (!ready_) {
    // TLS tells its own reasons. Only who speaks none is told in the clear.
    std::string last_words;
    if (why.code == "tls_required") {
      last_words = preamble();
      append_frame(last_words, frame_kind::refusal, encode_refusal(why));
    }
    return leave(std::move(last_words));
  }
  append_frame(control_, frame_kind::refusal, encode_refusal(why));
  finishing_ = true;
  deadline_ = std::chrono::steady_clock::now() + place_.options.linger_timeout;
  pump();
}

void channel::finish(const error& why) {
  if (phase_ == phase::leaving || phase_ == phase::ended || finishing_) return;
  reason_ = why;
  finishing_ = true;
  deadline_ = std::chrono::steady_clock::now() + place_.options.linger_timeout;
  pump();
}

void channel::leave(std::string last_words) {
  phase_ = phase::leaving;
  deadline_ = std::chrono::steady_clock::now() + place_.options.linger_timeout;
  wire_->linger(std::move(last_words));
}

void channel::on_broken(const error& why) {
  if (is_loss(why) || ready_) return end(reason_.value_or(why));
  refuse(why);
}

void channel::on_lingered() { end(reason_.value_or(error{})); }

void channel::end(const error& why) {
  if (phase_ == phase::ended) return;
  close();
  to_.on_ended(why);
}

void channel::close() {
  count_off();
  phase_ = phase::ended;
  wire_->close();
}

void channel::count_off() {
  if (std::exchange(counted_, false)) place_.counts.strangers.fetch_sub(1, relaxed);
}

void channel::tick(instant now) {
  const auto& how = place_.options;
  if (phase_ == phase::ended) return;
  if (finishing_ || phase_ == phase::leaving) {
    if (now >= deadline_) end(reason_.value_or(error{}));
  } else if (phase_ == phase::strangers) {
    if (now >= deadline_)
      end({error_kind::timeout, "handshake_timeout",
           "the other end did not introduce itself within " + std::to_string(how.handshake_timeout.count()) + " ms"});
  } else if (now - heard_ >= how.link_timeout) {
    end({error_kind::timeout, "link_silent", "nothing was heard for " + std::to_string(how.link_timeout.count()) + " ms"});
  } else if (peer() && peer()->not_after < wall_now()) {
    refuse({error_kind::unauthenticated, "certificate_expired", "the certificate of '" + peer()->subject + "' has expired meanwhile"});
  }
}

}  // namespace bv::cluster
