#include "protocols/cluster/links.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "protocols/cluster/certificate_watch.hpp"
#include "protocols/cluster/dialed_link.hpp"
#include "protocols/cluster/doorman.hpp"
#include "protocols/schema/base/assert.hpp"

namespace bv::cluster {
namespace {

namespace asio = boost::asio;

constexpr milliseconds tick_min{5}, tick_max{250};

/// Often enough that a timeout comes at most a quarter late.
milliseconds tick_of(const link_options& how) {
  const auto shortest = std::min({how.ping_interval * 2, how.link_timeout, how.handshake_timeout, how.linger_timeout});
  return std::clamp(shortest / 4, tick_min, tick_max);
}

std::uint64_t draw() {
  std::uint64_t number = 0;
  const bool drawn = RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1;
  BV_ASSERT(drawn, "the machine has randomness");
  return number;
}

}  // namespace

struct links::parts {
  parts(const link_options& how, runtime::note_handler notes, std::optional<credentials> proofs)
      : options(how),
        tick_timer(io),
        world{.place = place,
              .self = {{}, draw()},
              .proofs = std::move(proofs),
              .log = quiet_log(std::move(notes), how.same_note_after),
              .random = runtime::random_source(draw()),
              .before_handshake = [this] { watch.before_handshake(std::chrono::steady_clock::now()); },
              .on_parted = [this](runtime::node_id node) { parted(node); }},
        watch(world) {}

  const link_options options;
  link_counters counts;
  const channel_place place{io, options, counts};
  asio::io_context io{1};  // what is left in it when it ends still knows its place
  asio::steady_timer tick_timer;
  link_world world;
  certificate_watch watch;
  std::unique_ptr<doorman> door;
  std::vector<std::shared_ptr<dialed_link>> dialed;
  std::thread thread;
  bool started = false, stopped = false;

  mutable std::mutex guard;
  std::vector<dialed_status> last_seen;

  void wait_for_tick();
  void tick();
  void connect(const std::vector<std::string>& addresses);
  void parted(runtime::node_id node);
  void end();
};

void links::parts::wait_for_tick() {
  tick_timer.expires_after(tick_of(options));
  tick_timer.async_wait([this](const boost::system::error_code& why) {
    if (why) return;
    tick();
    wait_for_tick();
  });
}

void links::parts::tick() {
  const auto now = std::chrono::steady_clock::now();
  watch.tick(now, dialed);
  door->tick(now);
  for (const auto& one : dialed) one->tick(now);
  std::erase_if(dialed, [](const auto& one) {
    if (!one->over()) return false;
    one->stop();
    return true;
  });
  std::vector<dialed_status> seen;
  for (const auto& one : dialed) seen.push_back(one->status());
  const std::lock_guard lock(guard);
  last_seen = std::move(seen);
}

void links::parts::connect(const std::vector<std::string>& addresses) {
  for (const auto& one : dialed) one->list(std::ranges::find(addresses, one->status().address) != addresses.end());
  for (const auto& address : addresses) {
    const auto known = [&](const auto& one) { return one->status().address == address; };
    if (std::ranges::none_of(dialed, known)) dialed.push_back(dial(world, address));
  }
}

void links::parts::parted(runtime::node_id node) {
  for (const auto& one : dialed) one->parted(node);
}

void links::parts::end() {
  tick_timer.cancel();
  door->close();
  for (const auto& one : dialed) one->stop();
  dialed.clear();
  world.directory.clear();
  io.stop();
}

links::links(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
links::~links() { stop(); }

result<std::unique_ptr<links>> links::open(const link_options& options, runtime::note_handler notes) {
  if (!options.certificates && !options.insecure)
    return failure(error_kind::invalid, "certificates_missing", "links need certificates, or leave to be insecure");
  if (options.certificates && options.insecure)
    return failure(error_kind::invalid, "certificates_needless", "links are either insecure or have certificates");
  std::optional<credentials> proofs;
  if (options.certificates) {
    BV_ASSIGN(proofs, credentials::load(*options.certificates));
  }
  auto made = std::make_unique<parts>(options, std::move(notes), std::move(proofs));
  BV_ASSIGN(made->door, doorman::listen(made->io, options.listen));
  return std::unique_ptr<links>(new links(std::move(made)));
}

std::uint16_t links::port() const { return parts_->door->port(); }

result<void> links::start(const runtime::node_hello& self, runtime::interconnect_listener& to) {
  auto& p = *parts_;
  BV_ASSERT(!p.started && !p.stopped, "links are started once");
  if (p.world.proofs) BV_TRY(p.world.proofs->require_name(self.name));
  p.started = true;
  p.world.listener = &to;
  if (p.options.insecure)
    p.world.log.say(runtime::note_level::warning, "links between nodes are insecure: whoever reaches port " + std::to_string(port()) + " can be any node");
  announce(self);
  asio::post(p.io, [&p] {
    p.door->open(p.world);
    p.tick();
    p.wait_for_tick();
  });
  p.thread = std::thread([&p] {
    const auto busy = asio::make_work_guard(p.io);
    p.io.run();
  });
  return {};
}

void links::announce(const runtime::node_hello& self) {
  asio::post(parts_->io, [p = parts_.get(), self] { p->world.self.hello = self; });
}

void links::connect(std::vector<std::string> addresses) {
  asio::post(parts_->io, [p = parts_.get(), addresses = std::move(addresses)] { p->connect(addresses); });
}

void links::disconnect(runtime::node_id other) {
  asio::post(parts_->io, [p = parts_.get(), other] {
    for (const auto& one : p->dialed) one->disconnect(other);
    p->door->disconnect(other);
  });
}

bool links::send(runtime::node_id to, bytes frame) {
  if (parts_->world.directory.send(to, std::move(frame))) return true;
  parts_->counts.frames_refused.fetch_add(1, relaxed);
  return false;
}

void links::stop() {
  auto& p = *parts_;
  if (std::exchange(p.stopped, true)) return;
  if (!p.thread.joinable()) return;
  asio::post(p.io, [&p] { p.end(); });
  p.thread.join();
}

link_status links::status() const {
  link_status now{counts(), {}};
  const std::lock_guard lock(parts_->guard);
  now.dialed = parts_->last_seen;
  return now;
}

link_counts links::counts() const { return read_counts(parts_->counts); }

}  // namespace bv::cluster
