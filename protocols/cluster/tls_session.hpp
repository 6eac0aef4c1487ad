#pragma once

#include <functional>
#include <string>

#include "protocols/cluster/certificate_facts.hpp"
#include "protocols/cluster/openssl.hpp"
#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::cluster {

enum class side { dials, accepts };

/// TLS between bytes and bytes: it knows no sockets. Ours over OpenSSL's memory BIOs, and not asio::ssl::stream, because that
/// makes a system call of every record of 16 KiB and hides what the other end's first bytes were.
class tls_session {
 public:
  tls_session(ssl_ctx_st& context, side which);

  /// Takes what came over the wire, at least a byte, and gives what was in it to `plain`. What is to be sent is in output() afterwards, also
  /// after an error. Errors: `tls_required` (the other end does not speak TLS), `certificate_…` (theirs is not believed, or ours not
  /// by them), `tls_failed`, `link_overloaded`, `link_ended`.
  result<void> feed(bytes_view came, const std::function<void(bytes_view)>& plain);
  /// Begins, if this side dials.
  result<void> start() { return shake_hands(); }
  /// Both ends have proven who they are, as far as this end knows.
  [[nodiscard]] bool secured() const { return secured_; }
  /// The other end's; once it is secured.
  [[nodiscard]] certificate_facts peer() const;

  /// Only once it is secured.
  result<void> encrypt(bytes_view plain);
  /// Appends what is to be sent to `to`.
  void take_output(std::string& to);

 private:
  result<void> shake_hands();
  [[nodiscard]] error why_failed(int outcome) const;

  openssl::session session_;
  bio_st* from_wire_;  ///< the session's own, as is:
  bio_st* to_wire_;
  bool secured_ = false, heard_ = false;
  std::string plain_;  ///< room for what is decrypted
};

}  // namespace bv::cluster
