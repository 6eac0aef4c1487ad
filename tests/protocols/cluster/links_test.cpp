// covers: protocols/cluster/accepted_link.cpp protocols/cluster/channel.cpp protocols/cluster/dialed_link.cpp
// covers: protocols/cluster/doorman.cpp protocols/cluster/wire.cpp protocols/cluster/link_world.cpp protocols/cluster/status.cpp
#include "protocols/cluster/links.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/protocols/cluster/nodes.hpp"

using namespace bv;
using namespace bv::cluster;

namespace {

/// The same for links in the clear and inside TLS.
struct world {
  explicit world(bool tls) : tls(tls) {}
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
    const world w(tls);
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
    const world w(tls);
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
    const world w(tls);
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
  const world w(true);
  auto how = w.how("a");
  how.queue_frames_max = 50;
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
