#include "protocols/cluster/tls_session.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "protocols/cluster/credentials.hpp"
#include "tests/protocols/cluster/nodes.hpp"

using namespace bv;
using namespace bv::cluster;

namespace {

/// The dialing end by OpenSSL alone, in memory; ours accepts.
struct world {
  temp_folder folder;
  test_authority ca{folder.path("ca")};
  credentials proofs = *credentials::load(ca.node("a"));
  tls_session ours{proofs.context(), side::accepts};
  openssl::session theirs{SSL_new(&proofs.context())};
  bio_st* to_them = BIO_new(BIO_s_mem());
  bio_st* from_them = BIO_new(BIO_s_mem());
  std::string heard;

  world() {
    SSL_set_bio(theirs.get(), to_them, from_them);
    SSL_set_connect_state(theirs.get());
  }

  std::string said_by_them() const {
    std::string said(BIO_ctrl_pending(from_them), '\0');
    BIO_read(from_them, said.data(), static_cast<int>(said.size()));
    return said;
  }
  result<void> feed(bytes_view what) {
    return ours.feed(what, [this](bytes_view plain) { heard += plain; });
  }
  void shake_hands() {
    while (SSL_do_handshake(theirs.get()) != 1 || !ours.secured()) {
      const auto said = said_by_them();
      REQUIRE_FALSE(said.empty());
      REQUIRE(feed(said));
      std::string answer;
      ours.take_output(answer);
      BIO_write(to_them, answer.data(), static_cast<int>(answer.size()));
    }
  }
};

}  // namespace

TEST_CASE("tls session: bytes go both ways, however they are cut") {
  world w;
  w.shake_hands();
  CHECK(w.ours.peer().names == std::vector<std::string>{"a"});
  const std::string sent(100'000, 'x');
  std::string cipher;
  for (std::size_t at = 0; at < sent.size(); at += 7'000) {
    const auto part = bytes_view(sent).substr(at, 7'000);
    SSL_write(w.theirs.get(), part.data(), static_cast<int>(part.size()));
    cipher += w.said_by_them();
  }
  for (const char c : cipher) REQUIRE(w.feed({&c, 1}));
  CHECK(w.heard == sent);

  REQUIRE(w.ours.encrypt(sent));
  std::string out;
  w.ours.take_output(out);
  BIO_write(w.to_them, out.data(), static_cast<int>(out.size()));
  std::string came(sent.size(), '\0');
  std::size_t size = 0;
  while (size < came.size()) {
    const int read = SSL_read(w.theirs.get(), came.data() + size, static_cast<int>(came.size() - size));
    REQUIRE(read > 0);
    size += static_cast<std::size_t>(read);
  }
  CHECK(came == sent);
  // Nothing to resume with: every session looks at certificates.
  CHECK(SSL_SESSION_is_resumable(SSL_get_session(w.theirs.get())) == 0);
}

TEST_CASE("tls session: a changed byte is an error") {
  world w;
  w.shake_hands();
  SSL_write(w.theirs.get(), "sound", 5);
  auto cipher = w.said_by_them();
  cipher[10] = static_cast<char>(cipher[10] ^ 1);
  const auto fed = w.feed(cipher);
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == "tls_failed");
  CHECK(w.heard.empty());
}

TEST_CASE("tls session: answers of TLS's own are bounded while nobody reads them") {
  world w;
  w.shake_hands();
  result<void> fed;
  int asked = 0;
  for (; fed && asked < 100'000; ++asked) {
    REQUIRE(SSL_key_update(w.theirs.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(w.theirs.get()) == 1);
    fed = w.feed(w.said_by_them());
  }
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == "link_overloaded");
}

TEST_CASE("tls session: an older TLS is refused") {
  world w;
  SSL_set_max_proto_version(w.theirs.get(), TLS1_2_VERSION);
  SSL_set_min_proto_version(w.theirs.get(), TLS1_2_VERSION);
  SSL_do_handshake(w.theirs.get());
  const auto fed = w.feed(w.said_by_them());
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == "tls_failed");
}
