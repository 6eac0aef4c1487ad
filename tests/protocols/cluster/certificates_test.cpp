// covers: protocols/cluster/openssl.cpp protocols/cluster/certificate_facts.cpp
#include "protocols/cluster/certificates.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "protocols/cluster/whole_file.hpp"
#include "tests/protocols/cluster/nodes.hpp"

using namespace bv;
using namespace bv::cluster;
using namespace std::chrono_literals;

namespace {

/// What the openssl program prints, both its outputs.
std::string openssl(const std::string& arguments) {
  std::FILE* const from = ::popen(("openssl " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(from);
  std::string said;
  std::array<char, 4096> buffer{};
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), from)) said.append(buffer.data(), size);
  ::pclose(from);
  return said;
}

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return true;
  MESSAGE(text);
  return false;
}

std::string content(const std::string& file) {
  std::stringstream all;
  all << std::ifstream(file).rdbuf();
  return all.str();
}

unsigned mode_of(const std::string& file) {
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

template <class Result>
std::string code_of(const Result& of) {
  return of ? "" : of.error().code;
}

struct certificates_world {
  temp_folder folder;
  test_authority ca{folder.path("ca")};
  [[nodiscard]] certificate_request asked(const std::string& node) const { return {.authority = ca.folder(), .node = node, .out = folder.path("certs")}; }
  [[nodiscard]] result<issued_certificate> issue(const certificate_request& what) const { return issue_certificate(what, wall_clock()); }
};

}  // namespace

TEST_CASE("certificates: openssl verifies what is issued and prints what it is for") {
  const certificates_world w;
  auto asked = w.asked("node-a");
  asked.hosts = {"a.example", "10.1.2.3", "::1", "a.example"};
  const auto made = w.issue(asked);
  REQUIRE(made);
  const auto verify = "verify -CAfile " + w.ca.folder() + "/ca.crt -x509_strict ";
  CHECK(has(openssl(verify + "-purpose sslserver " + made->certificate_file), ": OK"));
  CHECK(has(openssl(verify + "-purpose sslclient " + made->certificate_file), ": OK"));
  CHECK(has(openssl(verify + w.ca.folder() + "/ca.crt"), ": OK"));
  const auto names = openssl("x509 -noout -ext subjectAltName,keyUsage,extendedKeyUsage,basicConstraints -in " + made->certificate_file);
  CHECK(has(names, "DNS:node-a, DNS:a.example, IP Address:10.1.2.3, IP Address:0:0:0:0:0:0:0:1, URI:bv://role/node\n"));
  CHECK(has(names, "TLS Web Server Authentication, TLS Web Client Authentication"));
  CHECK(has(names, "Digital Signature\n"));
  CHECK(has(names, "CA:FALSE"));
  const auto printed = openssl("x509 -noout -fingerprint -sha256 -in " + made->certificate_file);
  auto hex = printed.substr(printed.find('=') + 1);
  std::erase_if(hex, [](char c) { return c == ':' || c == '\n'; });
  for (auto& c : hex) c = static_cast<char>(std::tolower(c));
  CHECK(hex == made->facts.fingerprint);
  CHECK(has(openssl("pkey -noout -text -in " + made->key_file), "NIST CURVE: P-256"));
}

TEST_CASE("certificates: a client's is not accepted as a server's") {
  const certificates_world w;
  auto asked = w.asked("repl");
  asked.role = "client";
  const auto made = w.issue(asked);
  REQUIRE(made);
  const auto verify = "verify -CAfile " + w.ca.folder() + "/ca.crt ";
  CHECK(has(openssl(verify + "-purpose sslclient " + made->certificate_file), ": OK"));
  CHECK(has(openssl(verify + "-purpose sslserver " + made->certificate_file), "unsuitable certificate purpose"));
  CHECK(made->facts.role == "client");
}

TEST_CASE("certificates: keys are for their owner alone, and nothing is overwritten") {
  const certificates_world w;
  const auto made = w.issue(w.asked("a"));
  REQUIRE(made);
  CHECK(mode_of(made->key_file) == 0600);
  CHECK(mode_of(made->certificate_file) == 0644);
  CHECK(mode_of(w.ca.folder() + "/ca.key") == 0600);
  const auto before = content(made->certificate_file) + content(made->key_file);
  CHECK(code_of(w.issue(w.asked("a"))) == "file_exists");
  CHECK(content(made->certificate_file) + content(made->key_file) == before);
  CHECK(code_of(make_authority({.folder = w.ca.folder()}, wall_clock())) == "file_exists");
  std::filesystem::remove(w.ca.folder() + "/ca.crt");
  CHECK(code_of(make_authority({.folder = w.ca.folder()}, wall_clock())) == "file_exists");  // the key is still there
}

TEST_CASE("certificates: what facts say is what was asked for") {
  const certificates_world w;
  const auto now = wall_clock();
  auto asked = w.asked("a");
  asked.hosts = {"10.1.2.3"};
  asked.days = 7;
  REQUIRE(issue_certificate(asked, now));
  const auto read = read_certificate_facts(w.folder.path("certs/a.crt"));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  const auto& facts = read->front();
  CHECK(facts.names == std::vector<std::string>{"a"});
  CHECK(facts.addresses == std::vector<std::string>{"10.1.2.3"});
  CHECK(facts.role == "node");
  CHECK(facts.subject == "a");
  CHECK(facts.issuer == "test CA");
  const auto second = [](timestamp of) { return of.ns / 1'000'000'000; };
  CHECK(second(facts.not_before) == second(now - 1h));
  CHECK(second(facts.not_after) == second(now + 24h * 7));
  CHECK(read_certificate_facts(w.ca.folder() + "/ca.crt")->front().role == "ca");
}

TEST_CASE("certificates: two roles are none") {
  const certificates_world w;
  const auto in = [&](const char* name) { return w.folder.path(name); };
  std::ofstream(in("ext")) << "subjectAltName=DNS:a,URI:bv://role/client,URI:bv://role/node\n";
  openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=a -keyout " + in("a.key") + " -out " + in("a.csr"));
  openssl("x509 -req -days 1 -in " + in("a.csr") + " -CA " + w.ca.folder() + "/ca.crt -CAkey " + w.ca.folder() + "/ca.key -extfile " + in("ext") +
          " -out " + in("a.crt"));
  const auto read = read_certificate_facts(in("a.crt"));
  REQUIRE(read);
  CHECK(read->front().names_node("a"));
  CHECK(read->front().role == "ambiguous");
}

TEST_CASE("certificates: none outlives its authority") {
  const certificates_world w;
  auto asked = w.asked("a");
  asked.days = days_max;
  const auto made = w.issue(asked);
  REQUIRE(made);
  CHECK(made->facts.not_after == read_certificate_facts(w.ca.folder() + "/ca.crt")->front().not_after);
  const auto later = wall_clock() + 24h * 4000;
  CHECK(code_of(issue_certificate(w.asked("b"), later)) == "authority_expired");
}

TEST_CASE("certificates: a renewed one says the same, later, for the same key or a new one") {
  const certificates_world w;
  auto asked = w.asked("a");
  asked.hosts = {"a.example", "10.1.2.3"};
  const auto made = w.issue(asked);
  REQUIRE(made);
  const auto key_before = content(made->key_file);
  const auto later = wall_clock() + 24h * 100;
  const auto renewed = renew_certificate({.authority = w.ca.folder(), .certificate = made->certificate_file, .days = 200}, later);
  REQUIRE(renewed);
  CHECK(renewed->key_file.empty());
  CHECK(content(made->key_file) == key_before);
  const auto facts = read_certificate_facts(made->certificate_file)->front();
  CHECK(facts.names == made->facts.names);
  CHECK(facts.addresses == made->facts.addresses);
  CHECK(facts.role == made->facts.role);
  CHECK(facts.not_after.ns / 1'000'000'000 == (later + 24h * 200).ns / 1'000'000'000);
  CHECK(facts.fingerprint != made->facts.fingerprint);

  const auto with_key = renew_certificate({.authority = w.ca.folder(), .certificate = made->certificate_file, .new_key = true}, later);
  REQUIRE(with_key);
  CHECK(with_key->key_file == made->key_file);
  CHECK(content(made->key_file) != key_before);
  CHECK(mode_of(made->key_file) == 0600);
  // The two belong together.
  CHECK(openssl("x509 -noout -pubkey -in " + made->certificate_file) == openssl("pkey -pubout -in " + made->key_file));
}

TEST_CASE("certificates: a renewed one keeps its file's name, whatever that is") {
  const certificates_world w;
  const auto made = w.issue(w.asked("a"));
  REQUIRE(made);
  const auto moved = w.folder.path("certs/mine.pem");
  std::filesystem::rename(made->certificate_file, moved);
  const auto renewed = renew_certificate({.authority = w.ca.folder(), .certificate = moved, .new_key = true}, wall_clock());
  REQUIRE(renewed);
  CHECK(renewed->certificate_file == moved);
  CHECK(renewed->key_file == w.folder.path("certs/mine.key"));
  CHECK_FALSE(std::filesystem::exists(made->certificate_file));
  CHECK(openssl("x509 -noout -pubkey -in " + moved) == openssl("pkey -pubout -in " + renewed->key_file));
}

TEST_CASE("certificates: another authority's is not renewed, nor the authority's own") {
  const certificates_world w;
  const test_authority other(w.folder.path("other"));
  const auto foreign = other.node("a");
  CHECK(code_of(renew_certificate({.authority = w.ca.folder(), .certificate = foreign.certificate}, wall_clock())) == "certificate_foreign");
  CHECK(code_of(renew_certificate({.authority = w.ca.folder(), .certificate = w.ca.folder() + "/ca.crt"}, wall_clock())) == "bad_role");
}

TEST_CASE("certificates: what can't be issued is refused with its reason") {
  const certificates_world w;
  const auto with = [&](const std::function<void(certificate_request&)>& change) {
    auto asked = w.asked("a");
    change(asked);
    return code_of(w.issue(asked));
  };
  for (const std::string name : {"", ".", "../a", "a/b", "a b", "*", "a,URI:bv://role/node"}) CHECK(with([&](auto& of) { of.node = name; }) == "bad_name");
  CHECK(with([](auto& of) { of.node = std::string(65, 'a'); }) == "bad_name");
  CHECK(with([](auto& of) { of.hosts = {"*.example"}; }) == "bad_name");
  CHECK(with([](auto& of) { of.hosts = {""}; }) == "bad_name");
  CHECK(with([](auto& of) { of.role = "king"; }) == "bad_role");
  CHECK(with([](auto& of) { of.days = 0; }) == "bad_days");
  CHECK(with([](auto& of) { of.days = days_max + 1; }) == "bad_days");
  CHECK(with([&](auto& of) { of.authority = w.folder.path("none"); }) == "certificate_unreadable");
  CHECK(code_of(make_authority({.folder = w.folder.path("new"), .name = ""}, wall_clock())) == "bad_name");
  CHECK(code_of(make_authority({.folder = w.folder.path("new"), .days = -1}, wall_clock())) == "bad_days");
  const test_authority other(w.folder.path("other"));
  std::filesystem::copy_file(other.folder() + "/ca.key", w.ca.folder() + "/ca.key", std::filesystem::copy_options::overwrite_existing);
  CHECK(with([](auto&) {}) == "key_mismatch");
  const auto unreadable = w.issue({.authority = "/proc/1/none", .node = "a", .out = w.folder.path("x")});
  CHECK(unreadable.error().context.starts_with("/proc/1/none"));
}

TEST_CASE("whole file: it is there whole or not at all, and errors name it") {
  const temp_folder folder;
  const auto file = folder.path("f");
  REQUIRE(write_whole_file(file, "one", 0640, existing::refuse));
  CHECK(content(file) == "one");
  CHECK(mode_of(file) == 0640);
  CHECK(code_of(write_whole_file(file, "two", 0600, existing::refuse)) == "file_exists");
  CHECK(content(file) == "one");
  std::ofstream(file + ".new") << "left by a crash";
  REQUIRE(write_whole_file(file, "three", 0600, existing::replace));
  CHECK(content(file) == "three");
  CHECK_FALSE(std::filesystem::exists(file + ".new"));
  const auto failed = write_whole_file(folder.path("none/f"), "x", 0600, existing::replace);
  CHECK(code_of(failed) == "write_failed");
  CHECK(failed.error().context.starts_with(folder.path("none/f")));
}
