// Certificates that are replaced while nodes run.
// covers: protocols/cluster/certificate_watch.cpp
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/protocols/cluster/nodes.hpp"

using namespace bv;
using namespace bv::cluster;
using namespace std::chrono_literals;

namespace {

struct renewal_world {
  temp_folder folder;
  test_authority ca{folder.path("ca")};
  certificate_files files_a = ca.node("a"), files_b = ca.node("b");

  void renew(const certificate_files& files, bool new_key) const {
    const auto renewed = renew_certificate({.authority = ca.folder(), .certificate = files.certificate, .new_key = new_key}, wall_clock());
    REQUIRE_MESSAGE(renewed, describe(renewed.error()));
  }
};

link_options hasty(const certificate_files& files) {
  auto how = quick(files);
  how.linger_timeout = milliseconds(100);
  return how;
}

}  // namespace

TEST_CASE("renewal: links are made anew with the new certificate, and frames go on in order") {
  for (const bool new_key : {false, true}) {
    CAPTURE(new_key);
    const renewal_world w;
    test_node a("a", 1, hasty(w.files_a)), b("b", 2, hasty(w.files_b));
    a.connect({&b});
    b.connect({&a});
    REQUIRE(a.heard.wait_up(2));
    REQUIRE(b.heard.wait_up(1));
    std::atomic<bool> stop{false};
    std::size_t sent = 0;
    std::thread sender([&] {
      while (!stop) {
        if (a.net->send(node(2), std::to_string(sent))) ++sent;
        std::this_thread::yield();
      }
    });
    REQUIRE(b.heard.wait_frames(1, 100));
    w.renew(w.files_a, new_key);
    CHECK(a.heard.wait_note("a new certificate was taken up"));
    CHECK(a.heard.wait([&] { return a.net->counts().links_made == 2; }));
    CHECK(a.heard.wait_up(2));
    const auto before = b.net->counts().frames_received;
    CHECK(b.heard.wait([&] { return b.net->counts().frames_received > before + 100; }));
    stop = true;
    sender.join();
    REQUIRE(b.heard.wait_frames(1, sent));
    const auto came = b.heard.frames(1);
    REQUIRE(came.size() == sent);
    for (std::size_t i = 0; i < sent; ++i) REQUIRE(came[i] == std::to_string(i));
    CHECK(b.net->counts().links_made == 1);
  }
}

TEST_CASE("renewal: what is queued goes over the old link before the new one is made") {
  const renewal_world w;
  const auto patient = [](const certificate_files& files) {
    auto how = quick(files);
    how.linger_timeout = how.link_timeout = milliseconds(15'000);
    return how;
  };
  test_node a("a", 1, patient(w.files_a)), b("b", 2, patient(w.files_b));
  std::atomic<bool> blocked{true};
  b.heard.on_each_frame = [&](auto, auto) { blocked.wait(true); };
  a.connect({&b});
  REQUIRE(a.heard.wait_up(2));
  const std::size_t count = 2000;
  for (std::size_t i = 0; i < count; ++i) REQUIRE(a.net->send(node(2), std::to_string(i) + bytes(10'000, ' ')));
  w.renew(w.files_a, false);
  REQUIRE(a.heard.wait_note("a new certificate was taken up"));
  REQUIRE(a.heard.wait_down(2));
  blocked = false;
  blocked.notify_all();
  REQUIRE(b.heard.wait_frames(1, count));
  const auto came = b.heard.frames(1);
  for (std::size_t i = 0; i < count; ++i) REQUIRE(came[i].starts_with(std::to_string(i) + " "));
  CHECK(a.heard.wait_up(2));
}

TEST_CASE("renewal: files that are no good are told of once, and the old ones go on being used") {
  const renewal_world w;
  test_node a("a", 1, hasty(w.files_a)), b("b", 2, hasty(w.files_b));
  const auto good = std::filesystem::path(w.files_a.certificate);
  std::filesystem::rename(good, good.string() + ".good");
  std::ofstream(good) << "-----BEGIN CERTIFICATE-----\nhalf of one";
  CHECK(a.heard.wait_note("new certificates are not taken up: certificate_unreadable: " + w.files_a.certificate));
  a.connect({&b});
  CHECK(a.heard.wait_up(2));
  CHECK(a.heard.notes_with("not taken up") == 1);
  std::filesystem::copy_file(w.files_b.certificate, good, std::filesystem::copy_options::overwrite_existing);
  CHECK(a.heard.wait_note("not taken up: key_mismatch"));
  std::filesystem::rename(good.string() + ".good", good);
  CHECK(a.heard.wait_note("a new certificate was taken up"));
}

TEST_CASE("renewal: another node's certificate is not taken up") {
  const renewal_world w;
  test_node a("a", 1, hasty(w.files_a));
  std::filesystem::rename(w.files_b.key, w.files_a.key);
  std::filesystem::rename(w.files_b.certificate, w.files_a.certificate);
  CHECK(a.heard.wait_note("not taken up: certificate_name_mismatch"));
}

TEST_CASE("renewal: nodes that trust two authorities let the certificates of both in") {
  const renewal_world w;
  const test_authority next(w.folder.path("next"));
  const auto both = w.folder.path("both.crt");
  std::ofstream(both) << std::ifstream(w.ca.folder() + "/ca.crt").rdbuf() << std::ifstream(next.folder() + "/ca.crt").rdbuf();
  auto old_files = w.files_a, new_files = next.node("b");
  old_files.authority = new_files.authority = both;
  test_node a("a", 1, hasty(old_files)), b("b", 2, hasty(new_files));
  a.connect({&b});
  b.connect({&a});
  CHECK(a.heard.wait_up(2));
  CHECK(b.heard.wait_up(1));
}

TEST_CASE("renewal: a certificate that ends within two weeks is warned of") {
  const renewal_world w;
  test_node calm("a", 1, hasty(w.files_a));
  test_node warned("c", 3, hasty(w.ca.node("c", "node", wall_clock(), 13)));
  CHECK(warned.heard.wait_note("certificate_expires_soon"));
  CHECK(warned.heard.notes_with("certificate_expires_soon") == 1);
  CHECK(calm.heard.notes_with("certificate_expires_soon") == 0);
}

TEST_CASE("renewal: a link ends with the certificate that it was made with, and comes back with the next") {
  const renewal_world w;
  // Issued so long ago that it ends in five seconds.
  const auto files = w.ca.node("c", "node", wall_clock() - 24h + 5s, 1);
  test_node b("b", 2, hasty(w.files_b));
  test_node c("c", 3, hasty(files));
  b.connect({&c});
  REQUIRE(b.heard.wait_up(3));
  REQUIRE(b.heard.wait_down(3));
  CHECK(b.heard.wait_note("certificate_expired"));
  w.renew(files, false);
  CHECK(b.heard.wait_up(3));
}
