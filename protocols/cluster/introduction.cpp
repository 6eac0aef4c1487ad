#include "protocols/cluster/introduction.hpp"

#include "protocols/cluster/credentials.hpp"
#include "protocols/schema/cluster/links.hpp"

namespace bv::cluster {
namespace {

constexpr std::size_t code_bytes_max = 64, message_bytes_max = 1000;

/// As the contract wants it: short, and one line in a log.
std::string presentable(std::string text, std::size_t size_max) {
  for (auto& c : text)
    if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte >= 0x7f) c = '?';
  if (text.size() > size_max) text.resize(size_max);
  return text;
}

}  // namespace

bytes encode_hello(const introduction& of) {
  encoded::hello said;
  said.node = of.hello.node.value;
  said.instance = of.instance;
  said.cluster = of.hello.cluster;
  said.name = of.hello.name;
  said.address = of.hello.address;
  said.feature_level = of.hello.feature_level;
  said.members_version = of.hello.members_version;
  said.has_log = of.hello.has_log;
  return encoded::encode(said);
}

result<introduction> decode_hello(bytes_view data) {
  encoded::hello said;
  auto read = encoded::decode(data, said);
  if (read) read = encoded::validate(said);
  if (!read)
    return failure(error_kind::invalid, "hello_malformed", "the other end's hello can't be read: " + read.error().message);
  return introduction{{runtime::node_id(said.node), said.cluster, std::move(said.name), std::move(said.address), said.feature_level,
                       said.members_version, said.has_log},
                      said.instance};
}

bytes encode_refusal(const error& why) {
  encoded::refusal said;
  said.code = presentable(why.code, code_bytes_max);
  said.message = presentable(why.message, message_bytes_max);
  return encoded::encode(said);
}

error decode_refusal(bytes_view data) {
  encoded::refusal said;
  auto read = encoded::decode(data, said);
  if (read) read = encoded::validate(said);
  if (!read) return {error_kind::invalid, "refusal_malformed", "the other end refuses, and its reason can't be read: " + read.error().message};
  return {error_kind::forbidden, said.code, "the other end refuses: " + said.message};
}

result<void> check_introduction(const introduction& other, const introduction& self, const certificate_facts* certificate) {
  if (certificate) BV_TRY(check_certificate(*certificate, other.hello.name));
  if (other.hello.node != self.hello.node) return {};
  if (other.instance == self.instance) return failure(error_kind::conflict, "own_address", "this is the node itself");
  return failure(error_kind::conflict, "node_id_taken",
                 "two nodes say they are the same one ('" + self.hello.name + "' and '" + other.hello.name +
                     "'): a data folder was copied");
}

}  // namespace bv::cluster
