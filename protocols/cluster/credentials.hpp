#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "protocols/cluster/certificate_facts.hpp"
#include "protocols/cluster/openssl.hpp"
#include "protocols/cluster/options.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

/// Why a certificate was not believed: `certificate_expired`, `certificate_not_yet_valid`, or `certificate_not_trusted`.
/// `verify_error`: one of OpenSSL's X509_V_ERR_….
error certificate_problem(long verify_error);

/// Whether who has this certificate, which was believed, may be the node `name`. Errors: `certificate_name_mismatch`,
/// `certificate_role_mismatch`.
result<void> check_certificate(const certificate_facts& facts, const std::string& name);

/// What this node proves its name with and whom it trusts, from files that may be replaced at any time. Not thread-safe.
class credentials {
 public:
  using instant = std::chrono::steady_clock::time_point;

  /// Reads the files, which must be good now. Errors, with a file as context: `certificate_unreadable`, `key_unreadable`,
  /// `key_mismatch`, and those of certificate_problem().
  static result<credentials> load(const certificate_files& files);
  /// The present certificate and all later ones must be this node's. Errors: those of check_certificate().
  result<void> require_name(const std::string& name);

  /// Reads the files again if one has changed and the last look is `at_least` ago. True: there are new ones. What is wrong with
  /// changed files is told once; the old ones go on being used.
  result<bool> refresh(instant now, milliseconds at_least);

  /// For new handshakes; a session keeps its own alive.
  [[nodiscard]] ssl_ctx_st& context() const { return *context_; }
  [[nodiscard]] const certificate_facts& own() const { return own_; }

 private:
  /// Of the three files: when and as what they were written.
  struct file_mark {
    std::int64_t modified_ns = 0, size = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const file_mark&, const file_mark&) = default;
  };
  using file_marks = std::array<file_mark, 3>;
  static file_marks marks_of(const certificate_files& files);

  certificate_files files_;
  openssl::context context_;
  certificate_facts own_;
  std::string name_;  ///< empty: not required yet
  file_marks seen_;
  instant looked_at_{};

};

}  // namespace bv::cluster
