#include "protocols/cluster/introduction.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::cluster;

namespace {

introduction someone() {
  return {{.node = runtime::node_id(12), .cluster = 34, .name = "node-a", .address = "10.0.0.1:9100", .feature_level = 3, .has_log = true}, 56};
}
certificate_facts certificate_for(std::vector<std::string> names, std::string role) {
  certificate_facts facts;
  facts.names = std::move(names);
  facts.role = std::move(role);
  return facts;
}
std::string code_of(const result<void>& checked) { return checked ? "" : checked.error().code; }

}  // namespace

TEST_CASE("introduction: a hello comes as it was sent") {
  const auto read = decode_hello(encode_hello(someone()));
  REQUIRE(read);
  CHECK(*read == someone());
}

TEST_CASE("introduction: what is no hello, and names that are none, are refused") {
  CHECK(decode_hello("").error().code == "hello_malformed");
  CHECK(decode_hello(std::string(100, '\x7f')).error().code == "hello_malformed");
  for (const std::string name : {"", "a b", "a\nb", "ä"}) {
    auto odd = someone();
    odd.hello.name = name;
    CHECK(decode_hello(encode_hello(odd)).error().code == "hello_malformed");
  }
  auto long_name = someone();
  long_name.hello.name = std::string(65, 'a');
  CHECK(decode_hello(encode_hello(long_name)).error().code == "hello_malformed");
}

TEST_CASE("introduction: a refusal keeps its code; its message is cut and becomes one line") {
  const auto why = decode_refusal(encode_refusal({error_kind::conflict, "cluster_differs", "line\n" + std::string(5000, 'x')}));
  CHECK(why.code == "cluster_differs");
  CHECK(why.message.starts_with("the other end refuses: line?xxx"));
  CHECK(why.message.size() < 1100);
  CHECK(decode_refusal("nonsense").code == "refusal_malformed");
}

TEST_CASE("introduction: a name counts if the certificate has it, exactly, for role node") {
  auto other = someone(), self = someone();
  self.hello.node = runtime::node_id(1);
  const auto check = [&](const certificate_facts& facts) { return code_of(check_introduction(other, self, &facts)); };
  CHECK(check(certificate_for({"node-a"}, "node")).empty());
  CHECK(check(certificate_for({"x", "node-a"}, "node")).empty());
  CHECK(check(certificate_for({"x"}, "node")) == "certificate_name_mismatch");
  CHECK(check(certificate_for({}, "node")) == "certificate_name_mismatch");
  CHECK(check(certificate_for({"*"}, "node")) == "certificate_name_mismatch");
  CHECK(check(certificate_for({std::string("node-a\0.evil", 12)}, "node")) == "certificate_name_mismatch");
  CHECK(check(certificate_for({"node-a"}, "client")) == "certificate_role_mismatch");
  CHECK(check(certificate_for({"node-a"}, "")) == "certificate_role_mismatch");
}

TEST_CASE("introduction: this process is told apart from another one with its data folder's id") {
  auto other = someone();
  CHECK(code_of(check_introduction(other, someone(), nullptr)) == "own_address");
  other.instance = 57;
  CHECK(code_of(check_introduction(other, someone(), nullptr)) == "node_id_taken");
  other.hello.node = runtime::node_id(13);
  CHECK(code_of(check_introduction(other, someone(), nullptr)).empty());
}
