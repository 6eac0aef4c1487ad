#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocols/cluster/link_world.hpp"

namespace bv::cluster {

/// A connection that came in. Once the other end has introduced itself as a node and has begun, it brings that node's frames. Io thread.
class accepted_link final : public channel_listener {
 public:
  /// Takes over a connected socket. `peer`: its IP address, for logs. `on_begun`: it brings frames from now on.
  accepted_link(link_world& world, int socket, std::string peer, std::function<void(accepted_link&)> on_begun);
  ~accepted_link() override;

  void start() { channel_.start(); }
  void tick(instant now);
  void refuse(const error& why) { channel_.refuse(why); }
  /// At once. Not to be destroyed before the present call has returned.
  void close(const error& why);

  [[nodiscard]] bool ended() const { return ended_; }
  /// It is still to introduce itself, or is being sent away.
  [[nodiscard]] bool stranger() const { return !begun_; }
  /// Who it says it is, if that was admitted.
  [[nodiscard]] const std::optional<introduction>& other() const { return other_; }

 private:
  void on_ready() override {}
  void on_frame(frame_kind kind, bytes payload) override;
  void on_ended(const error& why) override;
  void on_hello(const bytes& payload);
  void begin();

  link_world& world_;
  const std::string peer_;
  std::function<void(accepted_link&)> on_begun_;
  std::optional<introduction> other_;
  bool begun_ = false, ended_ = false;
  instant said_alive_;
  channel channel_;
};

}  // namespace bv::cluster
