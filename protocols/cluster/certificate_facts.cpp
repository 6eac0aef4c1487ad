#include "protocols/cluster/certificate_facts.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "protocols/cluster/openssl.hpp"

namespace bv::cluster {
namespace {

timestamp moment(const ASN1_TIME* of) {
  std::tm utc{};
  if (!of || ASN1_TIME_to_tm(of, &utc) != 1) return {};
  return timestamp{} + std::chrono::seconds(timegm(&utc));
}

std::string_view text_of(const ASN1_STRING* of) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(of)), static_cast<std::size_t>(ASN1_STRING_length(of))};
}

std::string common_name(const X509_NAME* of) {
  const int at = X509_NAME_get_index_by_NID(of, NID_commonName, -1);
  if (at < 0) return {};
  return std::string(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(of, at))));
}

std::string ip_text(std::string_view raw) {
  char text[INET6_ADDRSTRLEN] = "";
  if (raw.size() == 4) inet_ntop(AF_INET, raw.data(), text, sizeof text);
  if (raw.size() == 16) inet_ntop(AF_INET6, raw.data(), text, sizeof text);
  return text;
}

void add_alternative_names(const X509& from, certificate_facts& to) {
  auto* const all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&from, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const auto* const one = sk_GENERAL_NAME_value(all, i);
    int type = 0;
    const auto* const value = GENERAL_NAME_get0_value(one, &type);
    if (type != GEN_DNS && type != GEN_URI && type != GEN_IPADD) continue;
    const auto text = text_of(static_cast<const ASN1_STRING*>(value));
    if (type == GEN_DNS) to.names.emplace_back(text);
    if (type == GEN_IPADD) to.addresses.push_back(ip_text(text));
    // Two roles are none: nobody has to know which one counts.
    if (type == GEN_URI && text.starts_with(role_uri)) to.role = to.role.empty() ? text.substr(role_uri.size()) : "ambiguous";
  }
  GENERAL_NAMES_free(all);
}

std::string fingerprint_of(const X509& certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

}  // namespace

bool certificate_facts::names_node(std::string_view name) const {
  // Whole and exact, bytes that are zero included: no wildcards among nodes.
  return std::ranges::find(names, name) != names.end();
}

certificate_facts facts_of(x509_st& certificate) {
  certificate_facts facts;
  add_alternative_names(certificate, facts);
  if (X509_check_ca(&certificate) == 1) facts.role = authority_role;
  facts.subject = common_name(X509_get_subject_name(&certificate));
  facts.issuer = common_name(X509_get_issuer_name(&certificate));
  facts.not_before = moment(X509_get0_notBefore(&certificate));
  facts.not_after = moment(X509_get0_notAfter(&certificate));
  facts.fingerprint = fingerprint_of(certificate);
  return facts;
}

result<std::vector<certificate_facts>> read_certificate_facts(const std::string& file) {
  BV_ASSIGN(const auto from, openssl::open_file(file, "certificate_unreadable"));
  std::vector<certificate_facts> all;
  while (const auto next = openssl::certificate(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr)))
    all.push_back(facts_of(*next));
  const auto why = openssl::last_words();
  if (all.empty()) return failure(error_kind::invalid, "certificate_unreadable", file + " holds no certificate in PEM: " + why, file);
  return all;
}

}  // namespace bv::cluster
