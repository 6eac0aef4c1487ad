// Timeouts cost nothing per request: a connection notes when it should be looked at, and one timer of the
// loop, running only while there are connections, looks at all of them a few times in the shortest timeout.
#include "protocols/http/loop.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

namespace bv::http {
namespace {

constexpr milliseconds tick_min{5}, tick_max{500};

milliseconds tick_for(const limits& bounds) {
  const auto shortest = std::min({bounds.idle_timeout, bounds.request_timeout, bounds.answer_timeout,
                                  bounds.write_timeout, bounds.linger_timeout});
  return std::clamp(shortest / 4, tick_min, tick_max);
}

}  // namespace

struct loop::parts {
  parts(const limits& b, handler& a, counters& c) : bounds(b), app(a), counts(c), timer(io) {}

  const limits& bounds;
  handler& app;
  counters& counts;
  boost::asio::io_context io{1};
  boost::asio::steady_timer timer;
  std::shared_ptr<mailbox> box;
  std::thread thread;
  std::vector<std::shared_ptr<connection>> open;
  bool ticking = false, is_draining = false;
  std::time_t date_of = 0;
  std::string date_text;

  std::mutex guard;
  std::condition_variable emptied;
  bool finished = false;  // draining, and the last connection is gone

  void add(std::shared_ptr<connection> one);
  void wait_for_tick();
  void tick();
  void deliver_all();
  void check_finished();
};

void loop::parts::add(std::shared_ptr<connection> one) {
  one->slot = open.size();
  open.push_back(one);
  if (!ticking) wait_for_tick();
  one->start();
}

void loop::parts::wait_for_tick() {
  ticking = true;
  timer.expires_after(tick_for(bounds));
  timer.async_wait([this](const boost::system::error_code& why) {
    if (!why) tick();
  });
}

void loop::parts::tick() {
  const auto now = std::chrono::steady_clock::now();
  // A connection that ends takes its place out of the list, and the last one moves there: go backwards.
  for (std::size_t i = open.size(); i-- > 0;)
    if (i < open.size()) open[i]->tick(now);
  ticking = false;
  if (!open.empty()) wait_for_tick();
}

void loop::parts::deliver_all() {
  for (auto& item : box->take())
    item.make ? item.to->deliver(item.sequence, item.make) : item.to->stream_changed();
}

void loop::parts::check_finished() {
  if (!is_draining || !open.empty()) return;
  const std::lock_guard lock(guard);
  finished = true;
  emptied.notify_all();
}

loop::loop(const limits& bounds, handler& app, counters& counts)
    : parts_(std::make_unique<parts>(bounds, app, counts)) {
  auto* p = parts_.get();
  p->box = std::make_shared<mailbox>([p] { boost::asio::post(p->io, [p] { p->deliver_all(); }); });
}

loop::~loop() {
  stop(std::chrono::steady_clock::now());
}

void loop::start() {
  parts_->thread = std::thread([p = parts_.get()] {
    const auto busy = boost::asio::make_work_guard(p->io);
    p->io.run();
  });
}

void loop::adopt(int socket, std::string peer, bool refuse) {
  boost::asio::post(parts_->io, [this, socket, refuse, peer = std::move(peer)]() mutable {
    parts_->add(make_connection(*this, socket, std::move(peer), refuse));
  });
}

void loop::drain() {
  boost::asio::post(parts_->io, [p = parts_.get()] {
    p->is_draining = true;
    for (std::size_t i = p->open.size(); i-- > 0;)
      if (i < p->open.size()) p->open[i]->drain();
    p->check_finished();
  });
}

void loop::stop(time_point latest) {
  auto& p = *parts_;
  if (p.thread.joinable()) {
    drain();
    {
      std::unique_lock lock(p.guard);
      p.emptied.wait_until(lock, latest, [&] { return p.finished; });
    }
    boost::asio::post(p.io, [&p] {
      p.box->close();
      while (!p.open.empty()) p.open.back()->abort();
      p.timer.cancel();
      p.io.stop();
    });
    p.thread.join();
  }
  p.box->close();
}

boost::asio::io_context& loop::context() {
  return parts_->io;
}
const limits& loop::bounds() const {
  return parts_->bounds;
}
handler& loop::app() const {
  return parts_->app;
}
counters& loop::counts() const {
  return parts_->counts;
}
const std::shared_ptr<mailbox>& loop::box() const {
  return parts_->box;
}
bool loop::draining() const {
  return parts_->is_draining;
}

std::string_view loop::date() {
  const auto now = std::time(nullptr);
  if (now != parts_->date_of) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[40];
    const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    parts_->date_text.assign(text, size);
    parts_->date_of = now;
  }
  return parts_->date_text;
}

void loop::remove(connection& gone) {
  auto& open = parts_->open;
  const auto slot = gone.slot;
  const auto kept = std::move(open[slot]);
  if (slot + 1 != open.size()) {
    open[slot] = std::move(open.back());
    open[slot]->slot = slot;
  }
  open.pop_back();
  parts_->check_finished();
}

}  // namespace bv::http
