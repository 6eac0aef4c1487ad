#include "protocols/cluster/certificates.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "protocols/cluster/openssl.hpp"
#include "protocols/cluster/whole_file.hpp"

namespace bv::cluster {
namespace {

using openssl::certificate;
using openssl::key;

constexpr unsigned public_mode = 0644, private_mode = 0600;
constexpr std::size_t name_bytes_max = 64, host_bytes_max = 253;
constexpr auto valid_before_now = std::chrono::hours(1);

struct authority {
  certificate itself;
  openssl::key its_key;
};

tl::unexpected<error> openssl_failed(const char* what) {
  return failure(error_kind::internal, "openssl_failed", std::string("OpenSSL can't ") + what + ": " + openssl::last_words());
}

result<void> check_days(int days) {
  if (days >= 1 && days <= days_max) return {};
  return failure(error_kind::invalid, "bad_days", "a certificate is valid for 1 to " + std::to_string(days_max) + " days, not " + std::to_string(days));
}

bool plain(std::string_view text, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max && std::ranges::all_of(text, [](unsigned char c) {
    return (c < 128 && std::isalnum(c)) || c == '.' || c == '_' || c == '-';
  });
}

std::string ip_bytes(const std::string& text) {
  char raw[16];
  if (inet_pton(AF_INET, text.c_str(), raw) == 1) return {raw, 4};
  if (inet_pton(AF_INET6, text.c_str(), raw) == 1) return {raw, 16};
  return {};
}

result<void> make_folder(const std::string& folder) {
  std::error_code why;
  std::filesystem::create_directories(folder, why);
  if (why) return failure(error_kind::internal, "write_failed", "can't make the folder " + folder + ": " + why.message(), folder);
  return {};
}

std::string in_folder(const std::string& folder, const std::string& name) { return (std::filesystem::path(folder) / name).string(); }

template <class Write>
result<std::string> to_pem(Write write) {
  const openssl::bio to(BIO_new(BIO_s_mem()));
  if (!to || write(to.get()) != 1) return openssl_failed("write PEM");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(to.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

result<std::string> to_pem(x509_st* of) {
  return to_pem([&](BIO* to) { return PEM_write_bio_X509(to, of); });
}
result<std::string> to_pem(evp_pkey_st* of) {
  return to_pem([&](BIO* to) { return PEM_write_bio_PKCS8PrivateKey(to, of, nullptr, nullptr, 0, nullptr, nullptr); });
}

result<key> make_key() {
  key made(EVP_EC_gen("P-256"));
  if (!made) return openssl_failed("make a key");
  return made;
}

/// Alternative names are put together by hand: OpenSSL's text form of them has separators of its own.
bool add_names(X509& to, const certificate_facts& what) {
  GENERAL_NAMES* const all = sk_GENERAL_NAME_new_null();
  const auto add = [&](int type, int string_type, const std::string& text) {
    auto* const value = ASN1_STRING_type_new(string_type);
    auto* const one = GENERAL_NAME_new();
    if (!value || !one || ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) return false;
    GENERAL_NAME_set0_value(one, type, value);
    return sk_GENERAL_NAME_push(all, one) > 0;
  };
  bool added = true;
  for (const auto& name : what.names) added = added && add(GEN_DNS, V_ASN1_IA5STRING, name);
  for (const auto& address : what.addresses) added = added && add(GEN_IPADD, V_ASN1_OCTET_STRING, ip_bytes(address));
  added = added && add(GEN_URI, V_ASN1_IA5STRING, std::string(role_uri) + what.role);
  added = added && X509_add1_ext_i2d(&to, NID_subject_alt_name, all, 0, 0) == 1;
  GENERAL_NAMES_free(all);
  return added;
}

bool add_extension(X509& to, X509* issuer, int what, const char* value) {
  X509V3_CTX with;
  X509V3_set_ctx(&with, issuer, &to, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &with, what, value);
  const bool added = made && X509_add_ext(&to, made, -1) == 1;
  X509_EXTENSION_free(made);
  return added;
}

bool set_time(ASN1_TIME* to, timestamp moment) {
  return ASN1_TIME_set(to, std::chrono::duration_cast<std::chrono::seconds>(std::chrono::nanoseconds(moment.ns)).count()) != nullptr;
}

/// What every certificate has. The serial number is drawn, 127 bits: nobody has to keep count.
bool fill_in(X509& to, const certificate_facts& what, EVP_PKEY* public_key, const X509_NAME* issuer) {
  std::array<unsigned char, 16> serial{};
  if (RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) return false;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
  BIGNUM* const number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  const bool numbered = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(&to));
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(&to);
  return numbered && X509_set_version(&to, X509_VERSION_3) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(what.subject.data()),
                                    static_cast<int>(what.subject.size()), -1, 0) == 1 &&
         X509_set_issuer_name(&to, issuer ? issuer : subject) == 1 && X509_set_pubkey(&to, public_key) == 1 &&
         set_time(X509_getm_notBefore(&to), what.not_before) && set_time(X509_getm_notAfter(&to), what.not_after);
}

result<authority> open_authority(const std::string& folder, timestamp now) {
  const auto file = in_folder(folder, "ca.crt");
  authority opened;
  BV_ASSIGN(opened.itself, openssl::read_certificate(file));
  BV_ASSIGN(opened.its_key, openssl::read_key(in_folder(folder, "ca.key")));
  if (X509_check_private_key(opened.itself.get(), opened.its_key.get()) != 1) {
    static_cast<void>(openssl::last_words());
    return failure(error_kind::invalid, "key_mismatch", in_folder(folder, "ca.key") + " is not the key of " + file, file);
  }
  const auto facts = facts_of(*opened.itself);
  if (facts.role != authority_role) return failure(error_kind::invalid, "bad_role", file + " is no certificate of an authority", file);
  if (facts.not_after <= now)
    return failure(error_kind::invalid, "authority_expired", file + " has expired at " + to_rfc3339(facts.not_after), file);
  return opened;
}

/// A certificate that says `what`, signed by the authority.
result<certificate> sign(const authority& by, certificate_facts what, EVP_PKEY* public_key, int days, timestamp now) {
  what.not_before = now - valid_before_now;
  what.not_after = std::min(now + std::chrono::hours(24) * days, facts_of(*by.itself).not_after);
  certificate made(X509_new());
  auto* const ca = by.itself.get();
  const char* const usage = what.role == node_role ? "serverAuth,clientAuth" : "clientAuth";
  const bool done = made && fill_in(*made, what, public_key, X509_get_subject_name(ca)) &&
                    add_extension(*made, ca, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(*made, ca, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(*made, ca, NID_ext_key_usage, usage) &&
                    add_extension(*made, ca, NID_subject_key_identifier, "hash") &&
                    add_extension(*made, ca, NID_authority_key_identifier, "keyid") && add_names(*made, what) &&
                    X509_sign(made.get(), by.its_key.get(), EVP_sha256()) > 0;
  if (!done) return openssl_failed("make a certificate");
  return made;
}

result<certificate> sign_itself(const std::string& name, EVP_PKEY* its_key, int days, timestamp now) {
  certificate_facts what;
  what.subject = name;
  what.not_before = now - valid_before_now;
  what.not_after = now + std::chrono::hours(24) * days;
  certificate made(X509_new());
  const bool done = made && fill_in(*made, what, its_key, nullptr) &&
                    add_extension(*made, made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(*made, made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(*made, made.get(), NID_subject_key_identifier, "hash") && X509_sign(made.get(), its_key, EVP_sha256()) > 0;
  if (!done) return openssl_failed("make a certificate");
  return made;
}

/// The key first: a certificate that is there has its key.
result<issued_certificate> write_both(issued_certificate to, const certificate& made, const key& its_key, existing when) {
  if (when == existing::refuse && std::filesystem::exists(to.certificate_file))
    return failure(error_kind::conflict, "file_exists", to.certificate_file + " exists and is not overwritten", to.certificate_file);
  BV_ASSIGN(const auto key_text, to_pem(its_key.get()));
  BV_ASSIGN(const auto text, to_pem(made.get()));
  BV_TRY(write_whole_file(to.key_file, key_text, private_mode, when));
  BV_TRY(write_whole_file(to.certificate_file, text, public_mode, when));
  to.facts = facts_of(*made);
  return to;
}

}  // namespace

result<issued_certificate> make_authority(const authority_request& asked, timestamp now) {
  BV_TRY(check_days(asked.days));
  if (asked.name.empty() || asked.name.size() > name_bytes_max)
    return failure(error_kind::invalid, "bad_name", "the name of an authority has 1 to 64 bytes");
  BV_ASSIGN(const auto its_key, make_key());
  BV_ASSIGN(const auto made, sign_itself(asked.name, its_key.get(), asked.days, now));
  BV_TRY(make_folder(asked.folder));
  return write_both({in_folder(asked.folder, "ca.crt"), in_folder(asked.folder, "ca.key"), {}}, made, its_key, existing::refuse);
}

result<issued_certificate> issue_certificate(const certificate_request& asked, timestamp now) {
  BV_TRY(check_days(asked.days));
  if (!plain(asked.node, name_bytes_max) || asked.node.starts_with('.'))
    return failure(error_kind::invalid, "bad_name", "'" + asked.node + "' is no node's name: 1 to 64 of letters, digits, '.', '_', '-'", asked.node);
  if (asked.role != node_role && asked.role != client_role)
    return failure(error_kind::invalid, "bad_role", "'" + asked.role + "' is no role: node or client", asked.role);
  certificate_facts what;
  what.subject = asked.node;
  what.names = {asked.node};
  what.role = asked.role;
  for (const auto& host : asked.hosts) {
    const bool is_address = !ip_bytes(host).empty();
    if (!is_address && !plain(host, host_bytes_max))
      return failure(error_kind::invalid, "bad_name", "'" + host + "' is neither a host's name nor an IP address", host);
    auto& to = is_address ? what.addresses : what.names;
    if (std::ranges::find(to, host) == to.end()) to.push_back(host);
  }
  BV_ASSIGN(const auto by, open_authority(asked.authority, now));
  BV_ASSIGN(const auto its_key, make_key());
  BV_ASSIGN(const auto made, sign(by, what, its_key.get(), asked.days, now));
  BV_TRY(make_folder(asked.out));
  return write_both({in_folder(asked.out, asked.node + ".crt"), in_folder(asked.out, asked.node + ".key"), {}}, made, its_key, existing::refuse);
}

result<issued_certificate> renew_certificate(const renewal_request& asked, timestamp now) {
  BV_TRY(check_days(asked.days));
  BV_ASSIGN(const auto old, openssl::read_certificate(asked.certificate));
  BV_ASSIGN(const auto by, open_authority(asked.authority, now));
  if (X509_verify(old.get(), X509_get0_pubkey(by.itself.get())) != 1) {
    static_cast<void>(openssl::last_words());
    return failure(error_kind::invalid, "certificate_foreign", asked.certificate + " was not issued by the authority in " + asked.authority, asked.certificate);
  }
  const auto facts = facts_of(*old);
  if (facts.role != node_role && facts.role != client_role)
    return failure(error_kind::invalid, "bad_role", asked.certificate + " was issued for no role of a cluster", asked.certificate);
  if (asked.new_key) {
    BV_ASSIGN(const auto its_key, make_key());
    BV_ASSIGN(const auto made, sign(by, facts, its_key.get(), asked.days, now));
    const auto key_file = std::filesystem::path(asked.certificate).replace_extension(".key").string();
    return write_both({asked.certificate, key_file, {}}, made, its_key, existing::replace);
  }
  BV_ASSIGN(const auto made, sign(by, facts, X509_get0_pubkey(old.get()), asked.days, now));
  BV_ASSIGN(const auto text, to_pem(made.get()));
  BV_TRY(write_whole_file(asked.certificate, text, public_mode, existing::replace));
  return issued_certificate{asked.certificate, {}, facts_of(*made)};
}

}  // namespace bv::cluster
