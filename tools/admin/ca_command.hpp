#pragma once

#include <functional>
#include <string>
#include <vector>

#include "protocols/cluster/certificates.hpp"

namespace bv::tools {

/// What `bv admin ca …` was asked for. Each command prints what it made, for people or as one JSON object, on standard output, and its
/// error on standard error. Exit code: 0 done, 1 it could not be done, 2 what was asked for makes no sense.
struct ca_options {
  cluster::authority_request authority;
  cluster::certificate_request certificate;
  cluster::renewal_request renewal;
  std::vector<std::string> files;  ///< to show
  bool json = false;
};

int run_ca_init_command(const ca_options& options);
int run_ca_issue_command(const ca_options& options);
int run_ca_renew_command(const ca_options& options);
int run_ca_show_command(const ca_options& options);

}  // namespace bv::tools
