#pragma once

#include <memory>
#include <string>

#include "protocols/schema/base/result.hpp"

// OpenSSL's own names for its types, so that its headers stay in .cpp files.
struct x509_st;
struct evp_pkey_st;
struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace bv::cluster::openssl {

struct freed {
  void operator()(x509_st* of) const;
  void operator()(evp_pkey_st* of) const;
  void operator()(bio_st* of) const;
  void operator()(ssl_ctx_st* of) const;
  void operator()(ssl_st* of) const;
};
using certificate = std::unique_ptr<x509_st, freed>;
using key = std::unique_ptr<evp_pkey_st, freed>;
using bio = std::unique_ptr<bio_st, freed>;
using context = std::unique_ptr<ssl_ctx_st, freed>;
using session = std::unique_ptr<ssl_st, freed>;

/// What OpenSSL has to say about its last failure; empties its queue.
std::string last_words();

/// A file to read from. Error `code`: says why it can't be read, with the file as context.
result<bio> open_file(const std::string& file, const char* code);

/// Errors: `certificate_unreadable`, `key_unreadable`; the file is their context.
result<certificate> read_certificate(const std::string& file);
result<key> read_key(const std::string& file);

}  // namespace bv::cluster::openssl
