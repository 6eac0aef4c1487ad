#include "protocols/cluster/credentials.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <utility>

namespace bv::cluster {
namespace {

// AES-128 is as good as unbreakable and the fastest of the three.
constexpr const char* cipher_suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

tl::unexpected<error> unusable(const char* code, const std::string& file, const std::string& why) {
  return failure(error_kind::invalid, code, file + ": " + why, file);
}

/// Whether the own certificate would be believed by a node with the same authority.
result<void> check_own(SSL_CTX& context, const certificate_files& files) {
  X509_STORE_CTX* const check = X509_STORE_CTX_new();
  STACK_OF(X509)* others = nullptr;
  SSL_CTX_get0_chain_certs(&context, &others);
  bool good = check && X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(&context), SSL_CTX_get0_certificate(&context), others) == 1 &&
              X509_STORE_CTX_set_purpose(check, X509_PURPOSE_SSL_CLIENT) == 1;
  good = good && X509_verify_cert(check) == 1;
  const int why = check ? X509_STORE_CTX_get_error(check) : X509_V_ERR_UNSPECIFIED;
  X509_STORE_CTX_free(check);
  ERR_clear_error();
  if (good) return {};
  const auto error = certificate_problem(why);
  return unusable(error.code.c_str(), files.certificate, error.message);
}

result<openssl::context> make_context(const certificate_files& files) {
  openssl::context made(SSL_CTX_new(TLS_method()));
  if (!made) return failure(error_kind::internal, "openssl_failed", "OpenSSL can't make a TLS context: " + openssl::last_words());
  SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(made.get(), cipher_suites);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A resumed session would not look at certificates again.
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(made.get(), 0);
  SSL_CTX_set_options(made.get(), SSL_OP_NO_TICKET);

  BV_TRY(openssl::read_certificate(files.authority));
  if (SSL_CTX_load_verify_file(made.get(), files.authority.c_str()) != 1)
    return unusable("certificate_unreadable", files.authority, openssl::last_words());
  BV_TRY(openssl::read_certificate(files.certificate));
  if (SSL_CTX_use_certificate_chain_file(made.get(), files.certificate.c_str()) != 1)
    return unusable("certificate_unreadable", files.certificate, openssl::last_words());
  BV_ASSIGN(const auto its_key, openssl::read_key(files.key));
  if (SSL_CTX_use_PrivateKey(made.get(), its_key.get()) != 1 || SSL_CTX_check_private_key(made.get()) != 1) {
    ERR_clear_error();
    return unusable("key_mismatch", files.key, "is not the key of " + files.certificate);
  }
  BV_TRY(check_own(*made, files));
  return made;
}

}  // namespace

error certificate_problem(long verify_error) {
  const char* code = "certificate_not_trusted";
  if (verify_error == X509_V_ERR_CERT_HAS_EXPIRED) code = "certificate_expired";
  if (verify_error == X509_V_ERR_CERT_NOT_YET_VALID) code = "certificate_not_yet_valid";
  return {error_kind::unauthenticated, code, std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(verify_error)};
}

result<void> check_certificate(const certificate_facts& facts, const std::string& name) {
  if (facts.role != node_role)
    return failure(error_kind::unauthenticated, "certificate_role_mismatch",
                   "the certificate is for role '" + facts.role + "', and only one for role 'node' makes a node");
  if (!facts.names_node(name))
    return failure(error_kind::unauthenticated, "certificate_name_mismatch",
                   "the certificate of '" + facts.subject + "' is not for a node called '" + name + "'");
  return {};
}

credentials::file_marks credentials::marks_of(const certificate_files& files) {
  file_marks marks;
  const std::string* const names[] = {&files.certificate, &files.key, &files.authority};
  for (std::size_t i = 0; i < marks.size(); ++i) {
    struct stat found {};
    if (::stat(names[i]->c_str(), &found) != 0) continue;
    marks[i] = {found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec, found.st_size, found.st_ino};
  }
  return marks;
}

result<credentials> credentials::load(const certificate_files& files) {
  credentials loaded;
  loaded.files_ = files;
  // Before they are read: a change in between is seen by the next look.
  loaded.seen_ = marks_of(files);
  BV_ASSIGN(loaded.context_, make_context(files));
  loaded.own_ = facts_of(*SSL_CTX_get0_certificate(loaded.context_.get()));
  return loaded;
}

result<void> credentials::require_name(const std::string& name) {
  if (auto checked = check_certificate(own_, name); !checked) {
    checked.error().context = files_.certificate;
    return checked;
  }
  name_ = name;
  return {};
}

result<bool> credentials::refresh(instant now, milliseconds at_least) {
  if (now - looked_at_ < at_least) return false;
  looked_at_ = now;
  const auto marks = marks_of(files_);
  if (marks == seen_) return false;
  seen_ = marks;
  BV_ASSIGN(auto loaded, load(files_));
  BV_TRY(loaded.require_name(name_));
  context_ = std::move(loaded.context_);
  own_ = std::move(loaded.own_);
  return true;
}

}  // namespace bv::cluster
