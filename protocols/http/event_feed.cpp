// The thread sleeps until the log grows, a client has taken what was sent, a stream is added, or a heartbeat
// is due. It then goes over the streams and the shards. Streams that have caught up stand at the same places
// of the log, so the pages read for one are kept for a moment and serve the others: an event is read and
// turned into JSON once.
//
// A message on the wire: `id` is the cursor after the event, so a client that comes back with it as
// Last-Event-ID goes on with the next event, whichever shard that is in.
#include "protocols/http/event_feed.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "protocols/http/problem.hpp"

namespace bv::http {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t pages_kept_max = 32;
constexpr std::string_view opening = "retry: 1000\n";

std::string id_line(const runtime::log_cursor& cursor) {
  return "id: " + to_text(cursor) + "\n";
}

}  // namespace

struct event_feed::parts {
  struct feeding {
    std::shared_ptr<stream> to;
    log_question question;
    clock::time_point spoken;  // when something was last written
    bool greeted = false;
    bool cursor_moved = false;  // past events that the filter held back
  };

  parts(const surroundings& a, std::size_t s, std::size_t b, std::chrono::milliseconds h)
      : around(a), streams_max(s), buffer_bytes_max(b), heartbeat(h) {}

  const surroundings& around;
  const std::size_t streams_max, buffer_bytes_max;
  const std::chrono::milliseconds heartbeat;

  std::mutex guard;
  std::condition_variable changed;
  bool awake = false, stopping = false;
  std::atomic<std::size_t> open_count{0};  // changed under the lock
  std::vector<std::shared_ptr<feeding>> added;

  std::shared_ptr<void> following;
  std::thread thread;

  // Of the thread.
  std::vector<std::shared_ptr<feeding>> streams;
  struct kept_page {
    storage::shard_id shard;
    storage::event_offset after;
    std::shared_ptr<shown_page> page;
  };
  std::vector<kept_page> pages;

  void wake();
  void work();
  bool feed(feeding& one);
  bool feed_shard(feeding& one, std::uint16_t shard, bool& full);
  bool write(feeding& one, std::string_view text);
  void end_with(feeding& one, const error& why);
  result<std::shared_ptr<shown_page>> page_at(storage::shard_id shard, storage::event_offset after);
};

void event_feed::parts::wake() {
  {
    const std::lock_guard lock(guard);
    if (std::exchange(awake, true)) return;
  }
  changed.notify_one();
}

void event_feed::parts::work() {
  for (;;) {
    {
      std::unique_lock lock(guard);
      const auto due = [&] { return awake || stopping; };
      if (streams.empty() && added.empty())
        changed.wait(lock, due);
      else
        changed.wait_for(lock, heartbeat, due);
      if (stopping) return;
      awake = false;
      for (auto& one : added) streams.push_back(std::move(one));
      added.clear();
    }
    const auto gone =
        std::remove_if(streams.begin(), streams.end(), [&](const auto& one) { return !feed(*one); });
    const auto gone_count = static_cast<std::size_t>(streams.end() - gone);
    streams.erase(gone, streams.end());
    pages.clear();
    const std::lock_guard lock(guard);
    open_count -= gone_count;
  }
}

/// Sends what there is and what there is room for. False if the stream has ended.
bool event_feed::parts::feed(feeding& one) {
  if (one.to->closed()) return false;
  if (!one.greeted) {
    // So that a client that has seen no event yet comes back to where it began.
    one.greeted = true;
    if (!write(one, std::string(opening) + id_line(one.question.from) + "\n")) return false;
  }
  bool full = false;
  for (std::uint16_t shard = 0; shard < one.question.from.offsets.size() && !full; ++shard)
    if (!feed_shard(one, shard, full)) return false;
  if (full || clock::now() - one.spoken < heartbeat) return true;
  const auto moved = std::exchange(one.cursor_moved, false) ? id_line(one.question.from) : std::string();
  return write(one, ": still here\n" + moved + "\n");
}

bool event_feed::parts::feed_shard(feeding& one, std::uint16_t number, bool& full) {
  const storage::shard_id shard{number};
  auto& offset = one.question.from.offsets[number];
  while (offset < around.events.end(shard)) {
    auto page = page_at(shard, offset);
    if (!page) {
      end_with(one, page.error());
      return false;
    }
    for (std::size_t i = 0; i < (*page)->size(); ++i) {
      const auto& event = (*page)->at(i);
      if (event.offset <= offset) continue;
      if (event.type.empty() || !one.question.filter.wants(event.aggregate, event.type)) {
        offset = event.offset;
        one.cursor_moved = true;
        continue;
      }
      const auto envelope = (*page)->envelope(i);
      if (!envelope) {
        end_with(one, envelope.error());
        return false;
      }
      auto next = one.question.from;
      next.offsets[number] = event.offset;
      auto text = id_line(next);
      text.append("event: ").append(event.type).append("\ndata: ").append(*envelope).append("\n\n");
      const auto room = one.to->room();
      // A piece that never fits goes when nothing else waits.
      if ((full = text.size() > room && room < buffer_bytes_max)) return !one.to->closed();
      if (!write(one, text)) return false;
      offset = event.offset;  // in place: `offset` refers into the cursor
      one.cursor_moved = false;
    }
    if ((*page)->through() > offset) one.cursor_moved = true;
    offset = std::max(offset, (*page)->through());
    if ((*page)->at_end()) break;
  }
  return true;
}

bool event_feed::parts::write(feeding& one, std::string_view text) {
  one.spoken = clock::now();
  return one.to->write(text);
}

/// The client is told why, and that it makes no sense to come back with the same cursor.
void event_feed::parts::end_with(feeding& one, const error& why) {
  static_cast<void>(write(one, "event: error\ndata: " + problem(why).body + "\n\n"));
  one.to->finish();
}

result<std::shared_ptr<shown_page>> event_feed::parts::page_at(storage::shard_id shard,
                                                               storage::event_offset after) {
  for (const auto& one : pages)
    if (one.shard == shard && one.after == after) return one.page;
  constexpr std::size_t page_size_bytes_max = 256 * 1024;
  BV_ASSIGN(auto page, shown_page::read(around, shard, after, page_size_bytes_max));
  if (pages.size() == pages_kept_max) pages.erase(pages.begin());
  pages.push_back({shard, after, page});
  return page;
}

event_feed::event_feed(const surroundings& around, std::size_t streams_max,
                       std::size_t stream_buffer_bytes_max, std::chrono::milliseconds heartbeat)
    : parts_(std::make_shared<parts>(around, streams_max, stream_buffer_bytes_max, heartbeat)) {
  auto* p = parts_.get();
  // Without streams a commit must not wake the thread.
  p->following = around.events.follow([p](storage::shard_id, const runtime::event_kinds&) {
    if (p->open_count > 0) p->wake();
  });
  p->thread = std::thread([p] { p->work(); });
}

event_feed::~event_feed() {
  stop();
}

std::shared_ptr<stream> event_feed::open(log_question question) {
  auto& p = *parts_;
  // The stream may live longer than we do.
  auto made = stream::make(p.buffer_bytes_max, [weak = std::weak_ptr<parts>(parts_)] {
    if (const auto still_there = weak.lock()) still_there->wake();
  });
  {
    const std::lock_guard lock(p.guard);
    if (p.stopping || p.open_count >= p.streams_max) return nullptr;
    ++p.open_count;
    p.added.push_back(std::make_shared<parts::feeding>(parts::feeding{made, std::move(question), clock::now()}));
  }
  p.wake();
  return made;
}

void event_feed::stop() {
  auto& p = *parts_;
  p.following.reset();
  {
    const std::lock_guard lock(p.guard);
    p.stopping = true;
  }
  p.changed.notify_one();
  if (p.thread.joinable()) p.thread.join();
}

}  // namespace bv::http
