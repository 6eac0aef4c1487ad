#include "protocols/cluster/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>

namespace bv::cluster::openssl {
void freed::operator()(x509_st* of) const { X509_free(of); }
void freed::operator()(evp_pkey_st* of) const { EVP_PKEY_free(of); }
void freed::operator()(bio_st* of) const { BIO_free(of); }
void freed::operator()(ssl_ctx_st* of) const { SSL_CTX_free(of); }
void freed::operator()(ssl_st* of) const { SSL_free(of); }

std::string last_words() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* const reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

result<bio> open_file(const std::string& file, const char* code) {
  errno = 0;
  bio from(BIO_new_file(file.c_str(), "r"));
  if (from) return from;
  const std::string why = errno != 0 ? std::strerror(errno) : last_words();
  ERR_clear_error();
  return failure(error_kind::invalid, code, "can't read " + file + ": " + why, file);
}

result<certificate> read_certificate(const std::string& file) {
  BV_ASSIGN(const auto from, open_file(file, "certificate_unreadable"));
  certificate read(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
  if (!read) return failure(error_kind::invalid, "certificate_unreadable", file + " holds no certificate in PEM: " + last_words(), file);
  return read;
}

result<key> read_key(const std::string& file) {
  BV_ASSIGN(const auto from, open_file(file, "key_unreadable"));
  // An empty passphrase: OpenSSL would ask the terminal for one.
  char none[] = "";
  key read(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, none));
  if (!read) return failure(error_kind::invalid, "key_unreadable", file + " holds no private key in PEM: " + last_words(), file);
  return read;
}

}  // namespace bv::cluster::openssl
