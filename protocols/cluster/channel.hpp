#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "protocols/cluster/frame.hpp"
#include "protocols/cluster/options.hpp"
#include "protocols/cluster/outbox.hpp"
#include "protocols/cluster/status.hpp"
#include "protocols/cluster/wire.hpp"

namespace bv::cluster {

using instant = std::chrono::steady_clock::time_point;

/// What a channel needs of its surroundings; all of it outlives the channel.
struct channel_place {
  boost::asio::io_context& io;
  const link_options& options;
  link_counters& counts;
};

/// Hears of a channel. Io thread. May close it, not destroy it.
class channel_listener {
 public:
  virtual ~channel_listener() = default;
  virtual void on_ready() = 0;
  virtual void on_frame(frame_kind kind, bytes payload) = 0;
  /// It has ended, for this reason. Once, and the last call.
  virtual void on_ended(const error& why) = 0;
};

/// Frames over one connection, and its end. Io thread.
///
///             introduced()             finish(), refuse()
///   strangers ------------> linked ------------------------> leaving ---> ended
///       | handshake_timeout   | link_timeout                   |            ^
///       +---------------------+--------------------------------+------------+
class channel final : public wire_listener {
 public:
  /// Takes over a connected socket. `tls`: null for none.
  channel(const channel_place& place, int socket, ssl_ctx_st* tls, side which, channel_listener& to);
  ~channel() override;
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  void start();
  void send(frame_kind kind, bytes_view payload = {});
  /// The two ends know each other: payloads may come, and from here on silence means that the other end has gone.
  void introduced();
  /// Sends what is put into the box from now on; wake() when it says so.
  void carry(std::shared_ptr<outbox> from);
  void wake() { pump(); }
  /// Tells the other end why, and ends with that error.
  void refuse(const error& why);
  /// Sends what is queued, and ends with that error.
  void finish(const error& why);
  /// Ends at once, without a word to anybody.
  void close();

  /// Looks at what is due.
  void tick(instant now);
  [[nodiscard]] bool lingers() const { return phase_ == phase::leaving; }
  [[nodiscard]] instant began() const { return began_; }
  [[nodiscard]] instant heard() const { return heard_; }
  /// The other end's; null without TLS.
  [[nodiscard]] const certificate_facts* peer() const { return wire_->peer(); }

 private:
  enum class phase { strangers, linked, leaving, ended };

  void on_ready() override;
  void on_bytes(bytes_view came) override;
  void on_written() override;
  void on_broken(const error& why) override;
  void on_lingered() override;
  void pump();
  void leave(std::string last_words);
  void end(const error& why);
  void count_off();

  const channel_place& place_;
  channel_listener& to_;
  phase phase_ = phase::strangers;
  bool ready_ = false, writing_ = false, finishing_ = false;
  bool deaf_ = false;    ///< it was refused: what it still says doesn't count
  bool counted_ = true;  ///< among the strangers
  const instant began_;
  instant heard_, deadline_;
  std::optional<error> reason_;  ///< of leaving
  frame_reader reader_;
  std::string control_;  ///< frames of ours that wait
  std::shared_ptr<outbox> from_;
  write_batch batch_;
  std::shared_ptr<wire> wire_;  // last: it ends first
};

}  // namespace bv::cluster
