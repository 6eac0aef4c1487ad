#include "protocols/http/event_feed.hpp"

#include <chrono>
#include <thread>

#include "tests/protocols/http/coupon_fixture.hpp"

using namespace bv;
using namespace bv::http;
using namespace bv::http::test;

namespace {

/// A live stream's messages, comments and greetings left out.
class listener {
 public:
  listener(const coupon_server& s, std::string_view target, std::string_view fields = "")
      : client_(s.http->port()) {
    client_.send(coupon_server::text("GET", target, fields));
    head_ = client_.answer(true);
  }
  const raw_answer& head() const { return head_; }
  raw_answer refused() { return head_; }

  struct message {
    std::string id, event, data;
  };
  /// The next message with data; empty if the stream ended.
  message next() {
    for (;;) {
      const auto end = text_.find("\n\n");
      if (end == text_.npos) {
        auto piece = client_.chunk();
        ended_properly_ = piece.has_value() && piece->empty();
        if (!piece || piece->empty()) return {};
        text_ += *piece;
        continue;
      }
      message read;
      for (auto at = text_.substr(0, end); !at.empty();) {
        const auto line = at.substr(0, at.find('\n'));
        at.erase(0, std::min(at.size(), line.size() + 1));
        if (line.starts_with("id: ")) last_id_ = read.id = line.substr(4);
        if (line.starts_with("event: ")) read.event = line.substr(7);
        if (line.starts_with("data: ")) read.data = line.substr(6);
        if (line.starts_with(":")) ++comments_;
      }
      text_.erase(0, end + 2);
      if (!read.data.empty()) return read;
      if (until_comment_ && comments_ > 0) return {};
    }
  }
  /// Reads until the next comment.
  void wait_for_comment() {
    comments_ = 0;
    until_comment_ = true;
    next();
    until_comment_ = false;
  }
  /// What a browser would send as Last-Event-ID.
  const std::string& last_id() const { return last_id_; }
  raw_client& client() { return client_; }
  bool ended_properly() const { return ended_properly_; }

 private:
  raw_client client_;
  raw_answer head_;
  std::string text_, last_id_;
  int comments_ = 0;
  bool until_comment_ = false, ended_properly_ = false;
};

std::string keep(const coupon_server& s, const std::string& coupon) {
  const auto answer =
      s.ask("POST", "/api/coupon-book/coupons", "X-User-Id: ann\r\n", R"({"coupon":")" + coupon + "\"}");
  REQUIRE(answer.status == 200);
  return coupon;
}

bool tells_of(const listener::message& one, const std::string& coupon) {
  return one.data.find(R"("payload":{"coupon":")" + coupon + "\"}") != std::string::npos;
}

}  // namespace

TEST_CASE("feed: an event reaches the listener at once, in its envelope") {
  coupon_server s;
  listener live(s, "/api/events/stream");
  CHECK(live.head().field("Content-Type") == "text/event-stream");
  CHECK(live.head().field("Cache-Control") == "no-store");
  const auto before = std::chrono::steady_clock::now();
  keep(s, "c1");
  const auto got = live.next();
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(500));
  CHECK(got.event == "promo.coupon_book.kept.v1");
  CHECK(tells_of(got, "c1"));
  CHECK_FALSE(got.id.empty());
}

TEST_CASE("feed: who comes back with the last id goes on with the next event") {
  coupon_server s;
  std::string last;
  {
    listener live(s, "/api/events/stream");
    keep(s, "c1");
    keep(s, "c2");
    CHECK(tells_of(live.next(), "c1"));
    last = live.last_id();
  }
  keep(s, "c3");
  listener again(s, "/api/events/stream", "Last-Event-ID: " + last + "\r\n");
  CHECK(tells_of(again.next(), "c2"));
  CHECK(tells_of(again.next(), "c3"));
  keep(s, "c4");
  CHECK(tells_of(again.next(), "c4"));
}

TEST_CASE("feed: who had seen no event yet misses none either") {
  options how;
  how.heartbeat = std::chrono::milliseconds(20);
  coupon_server s(how);
  keep(s, "before");
  std::string last;
  {
    listener live(s, "/api/events/stream");
    live.wait_for_comment();
    last = live.last_id();
  }
  CHECK_FALSE(last.empty());
  keep(s, "between");
  listener again(s, "/api/events/stream", "Last-Event-ID: " + last + "\r\n");
  CHECK(tells_of(again.next(), "between"));
}

TEST_CASE("feed: the cursor moves past events that the filter holds back") {
  options how;
  how.heartbeat = std::chrono::milliseconds(20);
  coupon_server s(how);
  listener live(s, "/api/events/stream?type=coupon");
  live.wait_for_comment();
  const auto before = live.last_id();
  keep(s, "not for us");
  while (live.last_id() == before) live.wait_for_comment();
  const auto id = s.issue();
  CHECK(live.next().data.find(id) != std::string::npos);
}

TEST_CASE("feed: it can start at the first event or at a cursor") {
  coupon_server s;
  for (int i = 0; i < 50; ++i) keep(s, "c" + std::to_string(i));
  listener all(s, "/api/events/stream?after=");
  for (int i = 0; i < 50; ++i) CHECK(tells_of(all.next(), "c" + std::to_string(i)));
  const auto bad = listener(s, "/api/events/stream", "Last-Event-ID: nonsense\r\n").refused();
  CHECK(bad.status == 400);
  CHECK(listener(s, "/api/events/stream?type=voucher").refused().status == 400);
}

TEST_CASE("feed: one reading of the log serves all who stand at the same place") {
  coupon_server s;
  std::vector<std::unique_ptr<listener>> all;
  for (int i = 0; i < 20; ++i) all.push_back(std::make_unique<listener>(s, "/api/events/stream"));
  keep(s, "warm");
  for (auto& one : all) CHECK(tells_of(one->next(), "warm"));
  const auto before = s.node.reads();
  for (int i = 0; i < 10; ++i) {
    keep(s, "c" + std::to_string(i));
    for (auto& one : all) CHECK(tells_of(one->next(), "c" + std::to_string(i)));
  }
  CHECK(s.node.reads() - before < 10 * 20 / 2);
}

TEST_CASE("feed: a listener that lags gets everything in the end, in a bounded buffer") {
  options how;
  how.bounds.stream_buffer_bytes_max = 4096;
  coupon_server s(how);
  listener slow(s, "/api/events/stream");
  const std::string long_text(3000, 't');
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(s.issue(R"({"percent":5,"text":")" + long_text + "\"}"));
  std::size_t seen = 0;
  for (int i = 0; i < 200; ++i) seen += slow.next().data.size() > 3000;
  CHECK(seen == 200);
  CHECK(s.http->counts().clients_cut_off == 0);
}

TEST_CASE("feed: an event larger than the buffer comes through") {
  options how;
  how.bounds.stream_buffer_bytes_max = 1000;
  coupon_server s(how);
  listener live(s, "/api/events/stream");
  s.issue(R"({"percent":5,"text":")" + std::string(15'000, 't') + "\"}");
  CHECK(live.next().data.size() > 15'000);
  keep(s, "after");
  CHECK(tells_of(live.next(), "after"));
}

TEST_CASE("feed: a cursor whose events are gone ends the stream with the reason") {
  coupon_server s;
  keep(s, "c1");
  for (std::uint16_t shard = 0; shard < fake_node::shards; ++shard)
    s.node.drop_through(storage::shard_id{shard}, s.node.end(storage::shard_id{shard}));
  listener late(s, "/api/events/stream?after=");
  const auto told = late.next();
  CHECK(told.event == "error");
  CHECK(told.data.find("offset_dropped") != std::string::npos);
  CHECK(late.client().closed());
}

TEST_CASE("feed: one stream too many is told so, and a free place can be taken") {
  options how;
  how.bounds.streams_max = 2;
  coupon_server s(how);
  listener first(s, "/api/events/stream");
  {
    listener second(s, "/api/events/stream");
    CHECK(listener(s, "/api/events/stream").refused().status == 503);
  }
  // The place is free when the server has noticed that the second has gone.
  int status = 0;
  for (int i = 0; i < 1000 && status != 200; ++i) {
    keep(s, "c");
    status = listener(s, "/api/events/stream").refused().status;
  }
  CHECK(status == 200);
}

TEST_CASE("feed: stopping the server ends streams properly") {
  coupon_server s;
  listener live(s, "/api/events/stream");
  keep(s, "c1");
  CHECK(tells_of(live.next(), "c1"));
  s.http->stop();
  CHECK(live.next().data.empty());
  CHECK(live.ended_properly());
  CHECK(live.client().closed());
}

TEST_CASE("feed: HEAD on a stream is only a head") {
  coupon_server s;
  CHECK(s.ask("HEAD", "/api/events/stream").field("Content-Type") == "text/event-stream");
  CHECK(s.http->counts().streams_open == 0);
}
