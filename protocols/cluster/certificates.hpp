#pragma once

#include <string>
#include <vector>

#include "protocols/cluster/certificate_facts.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/time.hpp"

namespace bv::cluster {

// The certificate authority of a cluster: a folder with ca.crt and ca.key, that no node needs to have. Certificates are
// X.509 v3 with P-256 keys; those that are issued are valid from an hour before `now`, since clocks differ.
// Files appear whole, by a rename; keys are for their owner alone (0600).

inline constexpr int days_max = 36'500;

/// What was written.
struct issued_certificate {
  std::string certificate_file;
  std::string key_file;  ///< empty if the key stayed
  certificate_facts facts;
};

struct authority_request {
  std::string folder;  ///< made if it is missing
  std::string name = "BitVelocity cluster";
  int days = 3650;
};
/// Makes a CA. Errors: `file_exists` (none is overwritten), `bad_name`, `bad_days`, `write_failed`.
result<issued_certificate> make_authority(const authority_request& asked, timestamp now);

struct certificate_request {
  std::string authority;  ///< the CA's folder
  std::string node;       ///< 1 to 64 of letters, digits, `.`, `_`, `-`; the files are called by it
  std::vector<std::string> hosts;  ///< more names, and IP addresses
  std::string out;                 ///< folder; made if it is missing
  int days = 365;                  ///< not beyond the CA's own end
  std::string role = std::string(node_role);
};
/// Makes a key and a certificate for it. Errors: as make_authority's, `bad_role`, `certificate_unreadable`, `key_unreadable`,
/// `key_mismatch` and `authority_expired`, of the CA.
result<issued_certificate> issue_certificate(const certificate_request& asked, timestamp now);

struct renewal_request {
  std::string authority;
  std::string certificate;  ///< file; the key is beside it, as NAME.key
  int days = 365;
  /// Otherwise only the certificate is replaced, and no moment comes in which the two don't match.
  bool new_key = false;
};
/// Issues anew what a certificate says, in its place. Errors: as issue_certificate's, and `certificate_foreign`: it is not this CA's.
result<issued_certificate> renew_certificate(const renewal_request& asked, timestamp now);

}  // namespace bv::cluster
