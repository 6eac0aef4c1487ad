// Who is not let in, and what both ends are told.
#include <doctest/doctest.h>

#include "protocols/cluster/credentials.hpp"
#include "tests/protocols/cluster/nodes.hpp"
#include "tests/protocols/cluster/stranger.hpp"

using namespace bv;
using namespace bv::cluster;
using namespace std::chrono_literals;

namespace {

struct refusals_world {
  temp_folder folder;
  test_authority ca{folder.path("ca")};
  test_authority other_ca{folder.path("other")};
  test_node b{"b", 2, quick(ca.node("b"))};
};

/// What a node that listens says to a stranger with these files who calls itself `name`.
std::string said_to_dialer(const refusals_world& w, const std::optional<certificate_files>& files, const std::string& name) {
  auto other = stranger::connect(w.b.net->port());
  if (other.secure(files)) other.say_hello(name, 77);
  return other.why_refused();
}

/// The same of a node that dials.
std::string said_to_listener(refusals_world& w, const certificate_files& files, const std::string& name) {
  const strange_door door;
  w.b.net->connect({door.address()});
  auto other = door.wait(files);
  other.say_hello(name, 77);
  auto said = other.why_refused();
  w.b.net->connect({});
  return said;
}

}  // namespace

TEST_CASE("refusals: a name that the certificate does not have") {
  refusals_world w;
  CHECK(said_to_dialer(w, w.ca.node("a"), "c") == "certificate_name_mismatch");
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_name_mismatch: the certificate of 'a' is not for a node called 'c'"));
  CHECK(said_to_listener(w, w.ca.node("a"), "c") == "certificate_name_mismatch");
  CHECK(w.b.heard.wait_note("to 127.0.0.1:"));
  CHECK(w.b.net->counts().handshakes_refused >= 2);
  CHECK(w.b.heard.calls() == 0);
}

TEST_CASE("refusals: a certificate for a client is not a node's, whatever its name") {
  refusals_world w;
  const auto files = w.ca.node("a", "client");
  CHECK(said_to_dialer(w, files, "a") == "certificate_role_mismatch");
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_role_mismatch"));
  // As a server it fails already inside TLS: it was issued for clients.
  CHECK(said_to_listener(w, files, "a").find("unsupported certificate") != std::string::npos);
  CHECK(w.b.heard.wait_note("certificate_not_trusted"));
  CHECK(w.b.heard.calls() == 0);
}

TEST_CASE("refusals: a certificate of another authority, an expired one, one that is not valid yet, none") {
  refusals_world w;
  CHECK(said_to_dialer(w, w.other_ca.node("a"), "a").find("unknown ca") != std::string::npos);
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_not_trusted"));
  CHECK(said_to_listener(w, w.other_ca.node("a"), "a").find("unknown ca") != std::string::npos);

  const auto expired = w.ca.node("a", "node", wall_clock() - 24h * 40, 30);
  CHECK(said_to_dialer(w, expired, "a").find("certificate expired") != std::string::npos);
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_expired"));
  CHECK(said_to_listener(w, expired, "a").find("certificate expired") != std::string::npos);

  CHECK(said_to_dialer(w, w.ca.node("a", "node", wall_clock() + 24h), "a").find("bad certificate") != std::string::npos);
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_not_yet_valid"));

  CHECK(said_to_dialer(w, std::nullopt, "a").find("certificate required") != std::string::npos);
  CHECK(w.b.heard.wait_note("from 127.0.0.1: certificate_missing"));
  CHECK(w.b.heard.calls() == 0);
}

TEST_CASE("refusals: two nodes of different authorities both say so") {
  refusals_world w;
  test_node a("a", 1, quick(w.other_ca.node("a")));
  a.connect({&w.b});
  CHECK(a.heard.wait_note("certificate_not_trusted"));
  w.b.connect({&a});
  CHECK(w.b.heard.wait_note("to " + a.address() + ": certificate_not_trusted"));
  CHECK(a.heard.wait_note("from 127.0.0.1: certificate_not_trusted"));
}

TEST_CASE("refusals: a node in the clear and one in TLS both say which is which") {
  refusals_world w;
  test_node plain("a", 1, quick());
  CHECK(plain.heard.wait_note("links between nodes are insecure"));
  plain.connect({&w.b});
  CHECK(w.b.heard.wait_note("from 127.0.0.1: tls_required"));
  CHECK(plain.heard.wait_note("to " + w.b.address() + ": tls_required: the other end refuses: the other end does not speak TLS"));
  w.b.connect({&plain});
  CHECK(plain.heard.wait_note("from 127.0.0.1: tls_unexpected"));
  CHECK(w.b.heard.wait_note("to " + plain.address() + ": tls_required"));
  CHECK(plain.heard.calls() + w.b.heard.calls() == 0);
}

TEST_CASE("refusals: what the listener does not admit is told to the other end in its words") {
  for (const bool dialer_refuses : {false, true}) {
    CAPTURE(dialer_refuses);
    refusals_world w;
    test_node a("a", 1, quick(w.ca.node("a")));
    auto& refuses = dialer_refuses ? a : w.b;
    auto& refused = dialer_refuses ? w.b : a;
    refuses.heard.admits = [](const runtime::node_hello&) -> result<void> {
      return failure(error_kind::conflict, "cluster_differs", "it belongs to cluster 7");
    };
    a.connect({&w.b});
    CHECK(refuses.heard.wait_note("cluster_differs: it belongs to cluster 7"));
    CHECK(refused.heard.wait_note("cluster_differs: the other end refuses: it belongs to cluster 7"));
    CHECK(a.heard.ups(2) == 0);
  }
}

TEST_CASE("refusals: the same of the same peer is logged once, however often it comes") {
  refusals_world w;
  test_node plain("a", 1, quick());
  plain.connect({&w.b});
  CHECK(w.b.heard.wait([&] { return w.b.net->counts().handshakes_refused >= 5; }));
  CHECK(w.b.heard.notes_with("tls_required") == 1);
  CHECK(plain.heard.notes_with("tls_required") == 1);
}

TEST_CASE("refusals: a copied data folder is found out; the own address is given up quietly") {
  refusals_world w;
  test_node copy("a", 2, quick(w.ca.node("a")));
  copy.connect({&w.b});
  CHECK(copy.heard.wait_note("node_id_taken"));
  CHECK(w.b.heard.wait_note("node_id_taken"));
  w.b.connect({&w.b});
  CHECK(w.b.heard.wait([&] {
    const auto dialed = w.b.net->status().dialed;
    return dialed.size() == 1 && dialed.front().state == dial_state::own;
  }));
  CHECK(w.b.heard.notes_with("own_address") == 0);
}

TEST_CASE("refusals: a node does not start with files that the others would refuse") {
  refusals_world w;
  const auto code_of = [&](const certificate_files& files) {
    auto opened = links::open(quick(files), nullptr);
    return opened ? std::string() : opened.error().code;
  };
  auto files = w.ca.node("a");
  CHECK(code_of(files).empty());
  CHECK(code_of(w.ca.node("old", "node", wall_clock() - 24h * 40, 30)) == "certificate_expired");
  CHECK(code_of({files.certificate, files.key, w.other_ca.folder() + "/ca.crt"}) == "certificate_not_trusted");
  CHECK(code_of({files.certificate, w.ca.node("x").key, files.authority}) == "key_mismatch");
  CHECK(code_of({files.certificate, w.folder.path("none"), files.authority}) == "key_unreadable");
  CHECK(code_of({files.key, files.key, files.authority}) == "certificate_unreadable");
  CHECK(code_of({files.certificate, files.key, files.key}) == "certificate_unreadable");

  CHECK(links::open(link_options{}, nullptr).error().code == "certificates_missing");
  auto both = quick(files);
  both.insecure = true;
  CHECK(links::open(both, nullptr).error().code == "certificates_needless");

  hearing heard;
  auto opened = links::open(quick(files), nullptr);
  REQUIRE(opened);
  CHECK((*opened)->start({.node = node(1), .name = "b"}, heard).error().code == "certificate_name_mismatch");
  opened = links::open(quick(w.ca.node("c", "client")), nullptr);
  REQUIRE(opened);
  CHECK((*opened)->start({.node = node(1), .name = "c"}, heard).error().code == "certificate_role_mismatch");
}
