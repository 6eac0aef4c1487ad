// Who knocks and is no node: nothing that they say or leave unsaid may hurt. Real sockets.
#include <doctest/doctest.h>

#include <list>

#include "protocols/cluster/frame.hpp"
#include "tests/protocols/cluster/nodes.hpp"
#include "tests/protocols/cluster/stranger.hpp"

using namespace bv;
using namespace bv::cluster;

namespace {

constexpr auto frame_bytes_max = runtime::interconnect::frame_bytes_max;

struct strangers_world {
  explicit strangers_world(const std::function<void(link_options&)>& change = {}) : b("b", 2, changed(quick(ca.node("b")), change)) {}
  static link_options changed(link_options how, const std::function<void(link_options&)>& change) {
    if (change) change(how);
    return how;
  }
  stranger knock() const { return stranger::connect(b.net->port()); }
  /// Secured, with a certificate for `name`.
  stranger secured(const std::string& name) const {
    auto made = knock();
    REQUIRE(made.secure(ca.node(name)));
    return made;
  }

  temp_folder folder;
  test_authority ca{folder.path("ca")};
  test_node b;
};

std::string framed(frame_kind kind, bytes_view payload = {}) {
  std::string made;
  append_frame(made, kind, payload);
  return made;
}

std::string header_of(frame_kind kind, std::size_t size) {
  std::string made;
  append_header(made, kind, size);
  return made;
}

}  // namespace

TEST_CASE("strangers: whoever says nothing, or half of something, is shown out after the handshake's time") {
  strangers_world w([](link_options& how) { how.handshake_timeout = milliseconds(200); });
  auto silent = w.knock(), half = w.knock(), half_hello = w.secured("a"), without_begin = w.secured("c");
  // The first bytes of a ClientHello.
  half.say(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  half_hello.say(std::string(preamble()) + header_of(frame_kind::hello, 100) + "abc");
  without_begin.say_hello("c", 3);
  for (auto* one : {&silent, &half, &half_hello, &without_begin}) one->hear_all();
  CHECK(w.b.net->counts().strangers == 0);
  CHECK(w.b.heard.wait_note("handshake_timeout"));
}

TEST_CASE("strangers: garbage is refused at its first byte, in TLS and in the clear") {
  strangers_world w;
  auto browser = w.knock();
  browser.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(browser.why_refused() == "tls_required");
  {
    auto records = w.knock();
    records.say(std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, '\x01'));
    records.hear_all();
  }
  CHECK(w.b.heard.wait_note("tls_failed"));
  auto inside = w.secured("a");
  inside.say("GET / HTTP/1.1\r\n\r\n");
  CHECK(inside.why_refused() == "protocol_unknown");

  const test_node plain("p", 9, quick());
  for (const std::string& said : {std::string("GET /"), std::string(100'000, '\0'), std::string("BVLIMK")}) {
    auto other = stranger::connect(plain.net->port());
    other.say(said);
    CHECK(other.why_refused() == "protocol_unknown");
  }
}

TEST_CASE("strangers: another version of the protocol is told so") {
  strangers_world w;
  auto later = w.secured("a");
  later.say(std::string("BVLINK\x02\x00", 8));
  CHECK(later.why_refused() == "protocol_version_unknown");
}

TEST_CASE("strangers: a claimed size counts for nothing, and is checked against what is allowed now") {
  strangers_world w;
  const auto after_preamble = [&](const std::string& said) {
    auto other = w.secured("a");
    other.say(std::string(preamble()) + said);
    return other.why_refused();
  };
  CHECK(after_preamble(header_of(frame_kind::hello, introduction_bytes_max + 1)) == "frame_too_large");
  CHECK(after_preamble(header_of(frame_kind::payload, 1)) == "frame_too_large");
  CHECK(after_preamble(header_of(frame_kind::ping, 1)) == "frame_too_large");
  CHECK(after_preamble(std::string(12, '\xff')) == "frame_malformed");
  CHECK(after_preamble(framed(frame_kind::hello, "nonsense")) == "hello_malformed");

  auto node = w.secured("a");
  node.say_hello("a", 5);
  node.say(framed(frame_kind::begin) + framed(frame_kind::payload, "good") + header_of(frame_kind::payload, frame_bytes_max + 1));
  CHECK(node.why_refused() == "frame_too_large");
}

TEST_CASE("strangers: frames count only from a node that was admitted and has begun") {
  strangers_world w;
  for (const auto kind : {frame_kind::payload, frame_kind::ping, frame_kind::pong, frame_kind::begin}) {
    auto other = w.secured("a");
    other.say(std::string(preamble()) + framed(kind));
    CHECK(other.why_refused() == "protocol_broken");
  }
  auto eager = w.secured("a");
  eager.say_hello("a", 5);
  eager.say(framed(frame_kind::payload));
  CHECK(eager.why_refused() == "protocol_broken");
  auto twice = w.secured("a");
  twice.say_hello("a", 5);
  twice.say(framed(frame_kind::hello, encode_hello({{.node = node(6), .name = "a"}, 1})));
  CHECK(twice.why_refused() == "protocol_broken");
  CHECK(w.b.heard.frames(5).empty());
  CHECK(w.b.net->counts().links_in == 0);
}

TEST_CASE("strangers: those who wait are bounded, and keep no node out") {
  strangers_world w([](link_options& how) { how.handshakes_max = 4; });
  std::list<stranger> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(w.knock());
  test_node a("a", 1, quick(w.ca.node("a")));
  a.connect({&w.b});
  CHECK(a.heard.wait_up(2));
  REQUIRE(w.b.heard.wait([&] { return w.b.net->counts().links_in == 1; }));
  CHECK(w.b.net->counts().strangers <= 4);
  CHECK(w.b.net->counts().connections_turned_away >= 36);
  for (int i = 0; i < 40; ++i) crowd.push_back(w.knock());
  REQUIRE(a.net->send(node(2), "still here"));
  REQUIRE(w.b.heard.wait_frames(1, 1));
  crowd.front().hear_all();  // was shown out long before its time
}

TEST_CASE("strangers: a crowd pushes out nobody who was admitted and is about to begin") {
  strangers_world w([](link_options& how) { how.handshakes_max = 4; });
  auto node = w.secured("a");
  node.say_hello("a", 5);
  REQUIRE(node.hear(preamble_bytes + header_bytes).size() > preamble_bytes);  // the answer to its hello
  std::list<stranger> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(w.knock());
  REQUIRE(w.b.heard.wait([&] { return w.b.net->counts().connections_turned_away >= 36; }));
  node.say(framed(frame_kind::begin) + framed(frame_kind::payload, "here"));
  CHECK(w.b.heard.wait_frames(5, 1));
}

TEST_CASE("strangers: connections are bounded too") {
  strangers_world w([](link_options& how) { how.connections_max = 2; });
  auto first = w.secured("a"), second = w.secured("c");
  first.say_hello("a", 5);
  first.say(framed(frame_kind::begin));
  second.say_hello("c", 6);
  second.say(framed(frame_kind::begin));
  CHECK(w.b.heard.wait([&] { return w.b.net->counts().links_in == 2; }));
  auto third = w.knock();
  CHECK_FALSE(third.secure(w.ca.node("d")));
  CHECK(w.b.net->counts().connections_turned_away == 1);
}

TEST_CASE("strangers: a node's newer connection takes the place of its older one, but only once it has begun") {
  strangers_world w;
  auto older = w.secured("a"), newer = w.secured("a"), other = w.secured("c");
  older.say_hello("a", 5);
  older.say(framed(frame_kind::begin) + framed(frame_kind::payload, "older"));
  other.say_hello("c", 6);
  other.say(framed(frame_kind::begin));
  REQUIRE(w.b.heard.wait_frames(5, 1));
  newer.say_hello("a", 5);
  older.say(framed(frame_kind::payload, "still older"));
  REQUIRE(w.b.heard.wait_frames(5, 2));
  newer.say(framed(frame_kind::begin) + framed(frame_kind::payload, "newer"));
  older.hear_all();
  REQUIRE(w.b.heard.wait_frames(5, 3));
  CHECK(w.b.heard.wait_note("link_superseded"));
  other.say(framed(frame_kind::payload, "unharmed"));
  CHECK(w.b.heard.wait_frames(6, 1));
  CHECK(w.b.net->counts().links_in == 2);
}

TEST_CASE("strangers: whoever asks and never reads the answers is cut off") {
  strangers_world w;
  auto node = w.secured("a");
  node.say_hello("a", 5);
  std::string many = framed(frame_kind::begin);
  for (int i = 0; i < 1000; ++i) many += framed(frame_kind::ping);
  while (node.say(many)) many.erase(0, many.size() - 1000 * header_bytes);
  CHECK(w.b.heard.wait_note("link_overloaded"));
  CHECK(w.b.heard.wait([&] { return w.b.net->counts().links_in == 0; }));
}

TEST_CASE("strangers: new keys are taken and given as often as TLS asks for them") {
  strangers_world w;
  auto reads = w.secured("c");
  reads.say_hello("c", 6);
  reads.say(framed(frame_kind::begin));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(reads.ask_for_keys());
    reads.say(framed(frame_kind::ping));
    reads.hear(header_bytes);
  }
  reads.say(framed(frame_kind::payload, "still understood"));
  CHECK(w.b.heard.wait_frames(6, 1));
}

TEST_CASE("strangers: a frame that comes in slowly keeps its link, and the sender hears that it does") {
  strangers_world w([](link_options& how) {
    how.link_timeout = milliseconds(200);
    how.ping_interval = milliseconds(40);
  });
  auto slow = w.secured("a");
  slow.say_hello("a", 5);
  const bytes payload(10, 'x');
  slow.say(framed(frame_kind::begin) + header_of(frame_kind::payload, payload.size()));
  const auto before = std::chrono::steady_clock::now();
  std::string came;
  for (const char part : payload) {
    slow.say(std::string(1, part));
    came = slow.hear(header_bytes);
  }
  CHECK(std::chrono::steady_clock::now() - before > milliseconds(200));
  CHECK(came.find(framed(frame_kind::pong)) != came.npos);
  CHECK(w.b.heard.wait_frames(5, 1));
}

TEST_CASE("strangers: silence ends a link at either end") {
  const auto impatient = [](link_options& how) {
    how.link_timeout = milliseconds(200);
    how.ping_interval = milliseconds(50);
  };
  strangers_world w(impatient);
  auto node = w.secured("a");
  node.say_hello("a", 5);
  node.say(framed(frame_kind::begin));
  node.hear_all();
  CHECK(w.b.heard.wait_note("from a at 127.0.0.1: link_silent"));

  const strange_door door;
  w.b.net->connect({door.address()});
  auto listener = door.wait(w.ca.node("c"));
  listener.say_hello("c", 6);
  CHECK(w.b.heard.wait_up(6));
  CHECK(w.b.heard.wait_down(6));
  CHECK(w.b.heard.wait_note("link_silent"));
  // It asked before it gave up.
  const auto said = listener.hear_all();
  CHECK(said.find(framed(frame_kind::ping)) != said.npos);
}

TEST_CASE("strangers: nodes that have nothing to say stay linked") {
  strangers_world w([](link_options& how) {
    how.link_timeout = milliseconds(400);
    how.ping_interval = milliseconds(50);
  });
  auto how = quick(w.ca.node("a"));
  how.link_timeout = milliseconds(400);
  how.ping_interval = milliseconds(50);
  test_node a("a", 1, how);
  a.connect({&w.b});
  REQUIRE(a.heard.wait_up(2));
  const auto until = std::chrono::steady_clock::now() + milliseconds(1000);
  CHECK(a.heard.wait([&] { return std::chrono::steady_clock::now() > until || a.net->counts().links_lost > 0; }));
  CHECK(a.net->counts().links_lost == 0);
}

TEST_CASE("strangers: a listener that answers with something else than a hello is left") {
  strangers_world w;
  const strange_door door;
  w.b.net->connect({door.address()});
  const auto after_hello = [&](const std::string& said) {
    auto listener = door.wait(w.ca.node("c"));
    listener.say_hello("c", 6);
    listener.say(said);
    listener.hear_all();
  };
  after_hello(framed(frame_kind::payload));
  CHECK(w.b.heard.wait_note("protocol_broken"));
  CHECK(w.b.heard.wait_down(6));
  after_hello(framed(frame_kind::hello, encode_hello({{.node = node(6), .name = "c"}, 1})));
  CHECK(w.b.heard.wait([&] { return w.b.net->counts().links_lost == 2; }));
  CHECK(w.b.heard.frames(6).empty());
}
