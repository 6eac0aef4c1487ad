#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"

struct x509_st;  // OpenSSL's X509

namespace bv::cluster {

/// What a certificate of a cluster says. Whether it is true is for its signature to show.
///
/// The role is a URI among its subject alternative names, as `bv://role/node`: such names take part in no check of host
/// names, any tool shows them, and unlike the subject they have one spelling.
struct certificate_facts {
  std::vector<std::string> names;      ///< DNS names: a node's own, then its hosts'
  std::vector<std::string> addresses;  ///< IP addresses
  std::string role;                    ///< "node", "client"; "ca" for an authority; empty: none of ours
  std::string subject, issuer;         ///< common names
  timestamp not_before, not_after;
  std::string fingerprint;  ///< SHA-256, 64 hex digits

  [[nodiscard]] bool names_node(std::string_view name) const;
};

inline constexpr std::string_view role_uri = "bv://role/";
inline constexpr std::string_view node_role = "node", client_role = "client", authority_role = "ca";

certificate_facts facts_of(x509_st& certificate);

/// All certificates of a PEM file, in its order. Errors: `certificate_unreadable`, with the file as context.
result<std::vector<certificate_facts>> read_certificate_facts(const std::string& file);

}  // namespace bv::cluster
