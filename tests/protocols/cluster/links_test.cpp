// covers: protocols/cluster/accepted_link.cpp protocols/cluster/channel.cpp protocols/cluster/dialed_link.cpp
// covers: protocols/cluster/doorman.cpp protocols/cluster/wire.cpp protocols/cluster/link_world.cpp protocols/cluster/status.cpp
#include "protocols/cluster/links.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/protocols/cluster/nodes.hpp"
#include "tests/protocols/cluster/stranger.hpp"

using namespace bv;
using namespace bv::cluster;

namespace {

/// The same for links in the clear and inside TLS.
struct links_world {
  explicit links_world(bool tls) : tls(tls) {}
  [[nodiscard]] link_options how(const std::string& name) const { return tls ? quick(ca.node(name)) : quick(); }
  bool tls;
  temp_folder folder;
  test_authority ca{folder.path("ca")};
};

bytes filled(std::size_t size, unsigned seed) {
  bytes made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>(seed = seed * 1664525 + 1013904223 + static_cast<unsigned>(i));
  return made;
}

}  // namespace

TEST_CASE("links: three nodes find each other in any order, and frames arrive whole and in order") {
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    const links_world w(tls);
    test_node a("a", 1, w.how("a"));
    test_node b("b", 2, w.how("b"));
    a.connect({&a, &b});
    REQUIRE(a.heard.wait_up(2));
    test_node c("c", 3, w.how("c"));
    for (auto* one : {&c, &b, &a}) one->connect({&a, &b, &c});
    for (auto* from : {&a, &b, &c})
      for (auto* to : {&a, &b, &c})
        if (from != to) REQUIRE(from->heard.wait_up(to->id));
    CHECK(a.heard.ups(1) == 0);

    for (unsigned i = 0; i < 1000; ++i) REQUIRE(a.net->send(node(2), filled(i % 300, i)));
    for (unsigned i = 0; i < 1000; ++i) REQUIRE(c.net->send(node(2), filled(i % 500, i)));
    REQUIRE(b.heard.wait_frames(1, 1000));
    REQUIRE(b.heard.wait_frames(3, 1000));
    const auto from_a = b.heard.frames(1), from_c = b.heard.frames(3);
    for (unsigned i = 0; i < 1000; ++i) {
      REQUIRE(from_a[i] == filled(i % 300, i));
      REQUIRE(from_c[i] == filled(i % 500, i));
    }
  }
}

TEST_CASE("links: frames of every size arrive as they were sent, up to the largest") {
  constexpr auto most = runtime::interconnect::frame_bytes_max;
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    const links_world w(tls);
    auto how = w.how("a");
    how.queue_bytes_max = 3 * most;
    test_node a("a", 1, how), b("b", 2, w.how("b"));
    a.connect({&b});
    REQUIRE(a.heard.wait_up(2));
    const std::vector<std::size_t> sizes{0, 1, 4095, 16'384, 16'385, 32'768, 32'769, 65'536, 100'000, most, 0, 3};
    for (const auto size : sizes) REQUIRE(a.net->send(node(2), filled(size, 1)));
    CHECK_FALSE(a.net->send(node(2), filled(most + 1, 1)));
    REQUIRE(b.heard.wait_frames(1, sizes.size()));
    const auto came = b.heard.frames(1);
    for (std::size_t i = 0; i < sizes.size(); ++i) CHECK(came[i] == filled(sizes[i], 1));
    CHECK(a.net->counts().frames_refused == 1);
    CHECK(b.net->counts().frames_received == sizes.size());
  }
}

TEST_CASE("links: a node that dies is told of at once, and the link comes back with it") {
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    const links_world w(tls);
    test_node a("a", 1, w.how("a"));
    auto b = std::make_unique<test_node>("b", 2, w.how("b"));
    auto again = w.how("b");
    again.listen = b->address();
    a.connect({b.get()});
    b->connect({&a});
    REQUIRE(a.heard.wait_up(2));
    REQUIRE(b->heard.wait_up(1));
    const auto before = std::chrono::steady_clock::now();
    b.reset();
    REQUIRE(a.heard.wait_down(2));
    CHECK(std::chrono::steady_clock::now() - before < link_options().link_timeout);
    CHECK_FALSE(a.net->send(node(2), "lost"));
    b = std::make_unique<test_node>("b", 2, again);
    REQUIRE(a.heard.wait_up(2));
    REQUIRE(a.net->send(node(2), "found"));
    REQUIRE(b->heard.wait_frames(1, 1));
    CHECK(b->heard.frames(1) == std::vector<bytes>{"found"});
  }
}

TEST_CASE("links: beyond its bound a queue refuses, and the link goes on with what it took") {
  const links_world w(true);
  auto how = w.how("a");
  how.queue_frames_max = 50;
  how.link_timeout = milliseconds(15'000);  // b does not answer for a while
  test_node a("a", 1, how), b("b", 2, w.how("b")), c("c", 3, w.how("c"));
  std::atomic<bool> blocked{true};
  b.heard.on_each_frame = [&](auto, auto) { blocked.wait(true); };
  a.connect({&b, &c});
  REQUIRE(a.heard.wait_up(2));
  REQUIRE(a.heard.wait_up(3));
  const bytes frame(100'000, 'x');
  std::size_t taken = 0;
  while (a.net->send(node(2), frame)) REQUIRE(++taken < 5000);
  CHECK(a.net->counts().frames_refused == 1);
  REQUIRE(a.net->send(node(3), "unharmed"));
  CHECK(c.heard.wait_frames(1, 1));
  blocked = false;
  blocked.notify_all();
  CHECK(b.heard.wait_frames(1, taken));
}

TEST_CASE("links: a node has one link, however many addresses lead to it; a name is resolved") {
  const links_world w(true);
  test_node a("a", 1, w.how("a"));
  auto b = std::make_unique<test_node>("b", 2, w.how("b"));
  auto again = w.how("b");
  again.listen = b->address();
  const auto other_address = "localhost:" + std::to_string(b->net->port());
  a.net->connect({other_address, b->address()});
  REQUIRE(a.heard.wait_up(2));
  const auto states = [&] {
    std::vector<dial_state> all;
    for (const auto& one : a.net->status().dialed) all.push_back(one.state);
    std::ranges::sort(all);
    return all;
  };
  const std::vector<dial_state> one_up{dial_state::up, dial_state::spare};
  CHECK(a.heard.wait([&] { return states() == one_up; }));
  CHECK(a.net->counts().links_made == 1);
  for (int i = 0; i < 3; ++i) {
    b.reset();
    REQUIRE(a.heard.wait_down(2));
    b = std::make_unique<test_node>("b", 2, again);
    REQUIRE(a.heard.wait_up(2));
    CHECK(a.heard.wait([&] { return states() == one_up; }));
  }
  CHECK(a.heard.ups(2) == 4);
}

TEST_CASE("links: an address that was spare takes over when the link by the other one ends") {
  test_node a("a", 1, quick());
  auto b = std::make_unique<test_node>("b", 2, quick());
  auto again = quick();
  again.listen = b->address();
  a.net->connect({"localhost:" + std::to_string(b->net->port()), b->address()});
  std::string spare;
  REQUIRE(a.heard.wait([&] {
    for (const auto& one : a.net->status().dialed)
      if (one.state == dial_state::spare) spare = one.address;
    return !spare.empty();
  }));
  a.net->connect({spare});
  b.reset();
  REQUIRE(a.heard.wait_down(2));
  b = std::make_unique<test_node>("b", 2, again);
  CHECK(a.heard.wait_up(2));
}

TEST_CASE("links: a name that leads nowhere, and what is no address, are told of and tried again") {
  test_node a("a", 1, quick());
  a.net->connect({"no-such-host.invalid:1", "nonsense", "127.0.0.1:1"});
  CHECK(a.heard.wait_note("to no-such-host.invalid:1: name_not_resolved"));
  CHECK(a.heard.wait_note("to nonsense: bad_address"));
  CHECK(a.heard.wait_note("to 127.0.0.1:1: connect_failed"));
}

TEST_CASE("links: disconnect ends both directions; whoever is not admitted stays away") {
  const links_world w(true);
  test_node a("a", 1, w.how("a")), b("b", 2, w.how("b"));
  a.connect({&b});
  b.connect({&a});
  REQUIRE(a.heard.wait_up(2));
  REQUIRE(b.heard.wait_up(1));
  std::atomic<bool> welcome{false};
  a.heard.admits = [&](const runtime::node_hello&) {
    return welcome ? result<void>() : failure(error_kind::forbidden, "removed", "it was removed from the cluster");
  };
  a.net->disconnect(node(2));
  CHECK(a.heard.wait_down(2));
  CHECK(b.heard.wait_down(1));
  CHECK(b.heard.wait_note("removed"));
  const auto ups = a.heard.ups(2) + b.heard.ups(1);
  welcome = true;
  CHECK(a.heard.wait_up(2));
  CHECK(b.heard.wait_up(1));
  CHECK(ups == 2);
}

TEST_CASE("links: an address that is no longer listed keeps its link until that ends, and is not dialed again") {
  test_node a("a", 1, quick());
  auto b = std::make_unique<test_node>("b", 2, quick());
  test_node c("c", 3, quick());
  auto again = quick();
  again.listen = b->address();
  a.connect({b.get()});
  REQUIRE(a.heard.wait_up(2));
  a.connect({&c});
  REQUIRE(a.heard.wait_up(3));
  REQUIRE(a.net->send(node(2), "still"));
  REQUIRE(b->heard.wait_frames(1, 1));
  b.reset();
  REQUIRE(a.heard.wait_down(2));
  CHECK(a.heard.wait([&] { return a.net->status().dialed.size() == 1; }));
  b = std::make_unique<test_node>("b", 2, again);
  a.connect({&c, b.get()});
  CHECK(a.heard.wait_up(2));

  // Nor if somebody would answer there.
  const auto ups = a.heard.ups(2);
  const strange_door door;
  a.net->connect({c.address(), door.address()});
  const auto dialed_by_now = door.wait({});
  b->net->disconnect(node(1));
  REQUIRE(a.heard.wait_down(2));
  CHECK(a.heard.wait([&] { return a.net->status().dialed.size() == 2; }));
  CHECK(a.heard.ups(2) == ups);
}

TEST_CASE("links: what a node announces is what the next link is told") {
  test_node a("a", 1, quick()), b("b", 2, quick());
  std::atomic<std::uint64_t> told{0};
  b.heard.admits = [&](const runtime::node_hello& hello) -> result<void> {
    told = hello.cluster;
    return {};
  };
  a.net->announce({.node = node(1), .cluster = 99, .name = "a", .address = a.address()});
  a.connect({&b});
  REQUIRE(a.heard.wait_up(2));
  CHECK(told == 99);
}

TEST_CASE("links: frames that a listener sends from its own calls go out") {
  test_node a("a", 1, quick()), b("b", 2, quick());
  b.heard.on_each_frame = [&](runtime::node_id from, bytes_view frame) { static_cast<void>(b.net->send(from, bytes(frame) + "!")); };
  a.connect({&b});
  b.connect({&a});
  REQUIRE(a.heard.wait_up(2));
  REQUIRE(b.heard.wait_up(1));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(a.net->send(node(2), "echo"));
    REQUIRE(a.heard.wait_frames(2, static_cast<std::size_t>(i) + 1));
  }
  CHECK(a.heard.frames(2) == std::vector<bytes>(100, "echo!"));
}

TEST_CASE("links: no call comes once stop has returned, wherever the links are by then") {
  const links_world w(true);
  const auto files_a = w.ca.node("a"), files_b = w.ca.node("b");
  for (int round = 0; round < 40; ++round) {
    auto a = std::make_unique<test_node>("a", 1, quick(files_a));
    test_node b("b", 2, quick(files_b));
    a->net->connect({b.address(), "localhost:" + std::to_string(b.net->port()), "127.0.0.1:1"});
    b.connect({a.get()});
    // From before the first byte until frames flow.
    if (round % 4 >= 1) REQUIRE(b.heard.wait([&] { return b.net->counts().strangers > 0 || b.net->counts().links_in > 0; }));
    if (round % 4 >= 2) REQUIRE(b.heard.wait_up(1));
    for (int i = 0; round % 4 == 3 && i < 1000; ++i) static_cast<void>(b.net->send(node(1), bytes(1000, 'x')));
    a->stop();
    const auto calls = a->heard.calls();
    CHECK_FALSE(a->net->send(node(2), "late"));
    a->net->connect({b.address()});
    a->net->disconnect(node(2));
    for (int i = 0; i < 10; ++i) static_cast<void>(b.net->send(node(1), bytes(1000, 'x')));
    if (round % 4 >= 2) CHECK(b.heard.wait_down(1));
    a->stop();
    CHECK(a->heard.calls() == calls);
    // And it may go at once: nothing of it is left on another thread.
    a.reset();
  }
}
