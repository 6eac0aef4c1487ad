#include "protocols/cluster/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <climits>

#include "protocols/cluster/credentials.hpp"
#include "protocols/schema/base/assert.hpp"

namespace bv::cluster {
namespace {

constexpr std::size_t record_bytes_max = 16 * 1024;
/// Answers of TLS's own, as to key updates, that wait to be sent. Who asks for more does not read them.
constexpr std::size_t waiting_output_bytes_max = 64 * 1024;
// What the first byte of a TLS record may be.
constexpr char alert_record = 0x15, handshake_record = 0x16;

/// An alert of the other end's, that is why it does not want us. RFC 8446, section 6.2.
error problem_of_alert(int alert) {
  const auto theirs = [](const char* code, const char* what) {
    return error{error_kind::unauthenticated, code, std::string("the other end does not accept this node's certificate: ") + what};
  };
  switch (alert) {
    case SSL_AD_CERTIFICATE_EXPIRED: return theirs("certificate_expired", "it has expired, or is not valid yet");
    case SSL_AD_CERTIFICATE_REQUIRED: return theirs("certificate_missing", "there is none");
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_DECRYPT_ERROR: return theirs("certificate_not_trusted", SSL_alert_desc_string_long(alert));
    default: return {error_kind::unavailable, "tls_failed", std::string("the other end gave up the handshake: ") + SSL_alert_desc_string_long(alert)};
  }
}

}  // namespace

tls_session::tls_session(ssl_ctx_st& context, side which)
    : session_(SSL_new(&context)), from_wire_(BIO_new(BIO_s_mem())), to_wire_(BIO_new(BIO_s_mem())) {
  BV_ASSERT(session_ && from_wire_ && to_wire_, "OpenSSL has memory");
  SSL_set_bio(session_.get(), from_wire_, to_wire_);
  which == side::dials ? SSL_set_connect_state(session_.get()) : SSL_set_accept_state(session_.get());
}

error tls_session::why_failed(int outcome) const {
  const int kind = SSL_get_error(session_.get(), outcome);
  const auto code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  const auto verified = SSL_get_verify_result(session_.get());
  if (kind == SSL_ERROR_ZERO_RETURN) return {error_kind::unavailable, "link_ended", "the other end has ended the link"};
  if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
    ERR_clear_error();
    return problem_of_alert(reason - SSL_AD_REASON_OFFSET);
  }
  const auto words = openssl::last_words();
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
    return {error_kind::unauthenticated, "certificate_missing", "the other end shows no certificate"};
  if (!secured_ && verified != X509_V_OK) return certificate_problem(verified);
  return {error_kind::unavailable, "tls_failed", "TLS with the other end failed: " + words};
}

result<void> tls_session::shake_hands() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(session_.get());
  if (outcome == 1) {
    secured_ = true;
    return {};
  }
  if (SSL_get_error(session_.get(), outcome) == SSL_ERROR_WANT_READ) return {};
  return failure(why_failed(outcome));
}

result<void> tls_session::feed(bytes_view came, const std::function<void(bytes_view)>& plain) {
  if (BIO_ctrl_pending(to_wire_) > waiting_output_bytes_max)
    return failure(error_kind::overloaded, "link_overloaded", "the other end asks and does not read the answers");
  if (!std::exchange(heard_, true) && came.front() != handshake_record && came.front() != alert_record)
    return failure(error_kind::invalid, "tls_required", "the other end does not speak TLS, and this node's links do");
  BV_ASSERT(came.size() <= INT_MAX, "what a socket gives at a time fits OpenSSL");
  BIO_write(from_wire_, came.data(), static_cast<int>(came.size()));
  if (!secured_) BV_TRY(shake_hands());
  if (!secured_) return {};
  plain_.resize(record_bytes_max);
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(session_.get(), plain_.data(), static_cast<int>(plain_.size()));
    if (size > 0) {
      plain(bytes_view(plain_).substr(0, static_cast<std::size_t>(size)));
      continue;
    }
    if (SSL_get_error(session_.get(), size) == SSL_ERROR_WANT_READ) return {};
    return failure(why_failed(size));
  }
}

certificate_facts tls_session::peer() const {
  const openssl::certificate theirs(SSL_get1_peer_certificate(session_.get()));
  return theirs ? facts_of(*theirs) : certificate_facts{};
}

result<void> tls_session::encrypt(bytes_view plain) {
  while (!plain.empty()) {
    const auto part = plain.substr(0, record_bytes_max);
    ERR_clear_error();
    const int size = SSL_write(session_.get(), part.data(), static_cast<int>(part.size()));
    if (size <= 0) return failure(why_failed(size));
    plain.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

void tls_session::take_output(std::string& to) {
  const auto waiting = BIO_ctrl_pending(to_wire_);
  if (waiting == 0) return;
  const auto start = to.size();
  to.resize(start + waiting);
  BIO_read(to_wire_, to.data() + start, static_cast<int>(waiting));
}

}  // namespace bv::cluster
