#include "tools/admin/ca_command.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

#include "protocols/schema/base/time.hpp"
#include "tools/exit_codes.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

timestamp now() { return {std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()}; }

json::array array_of(const std::vector<std::string>& all) { return json::array(all.begin(), all.end()); }

json::object to_json(const cluster::certificate_facts& of) {
  return {{"subject", of.subject},
          {"issuer", of.issuer},
          {"role", of.role},
          {"names", array_of(of.names)},
          {"addresses", array_of(of.addresses)},
          {"not_before", to_rfc3339(of.not_before)},
          {"not_after", to_rfc3339(of.not_after)},
          {"expired", of.not_after <= now()},
          {"fingerprint", of.fingerprint}};
}

std::string listed(const std::vector<std::string>& names, const std::vector<std::string>& addresses) {
  std::string all;
  for (const auto* some : {&names, &addresses})
    for (const auto& one : *some) all += (all.empty() ? "" : ", ") + one;
  return all.empty() ? "none" : all;
}

void print(const cluster::certificate_facts& of) {
  const auto left = std::chrono::duration_cast<std::chrono::hours>(of.not_after - now()).count() / 24;
  std::printf("  role         %s\n  names        %s\n  subject      %s\n  issuer       %s\n", of.role.empty() ? "none" : of.role.c_str(),
              listed(of.names, of.addresses).c_str(), of.subject.c_str(), of.issuer.c_str());
  std::printf("  valid        %s to %s (%s)\n  fingerprint  %s\n", to_rfc3339(of.not_before).c_str(), to_rfc3339(of.not_after).c_str(),
              of.not_after <= now() ? "expired" : (std::to_string(left) + " days left").c_str(), of.fingerprint.c_str());
}

int wrong(const error& why, bool as_json) {
  if (as_json)
    std::fprintf(stderr, "%s\n", json::serialize(json::object{{"error", {{"code", why.code}, {"message", why.message}, {"context", why.context}}}}).c_str());
  else
    std::fprintf(stderr, "bv admin ca: %s (%s)\n", why.message.c_str(), why.code.c_str());
  const bool usage = why.code == "bad_name" || why.code == "bad_days" || why.code == "bad_role";
  return usage ? exit_usage : exit_failed;
}

int tell(const result<cluster::issued_certificate>& made, bool as_json) {
  if (!made) return wrong(made.error(), as_json);
  if (as_json) {
    auto all = to_json(made->facts);
    all["certificate"] = made->certificate_file;
    if (!made->key_file.empty()) all["key"] = made->key_file;
    std::printf("%s\n", json::serialize(all).c_str());
    return exit_done;
  }
  std::printf("%s\n", made->certificate_file.c_str());
  print(made->facts);
  std::printf("  key          %s\n", made->key_file.empty() ? "as before" : made->key_file.c_str());
  return exit_done;
}

}  // namespace

int run_ca_init_command(const ca_options& options) { return tell(cluster::make_authority(options.authority, now()), options.json); }

int run_ca_issue_command(const ca_options& options) { return tell(cluster::issue_certificate(options.certificate, now()), options.json); }

int run_ca_renew_command(const ca_options& options) { return tell(cluster::renew_certificate(options.renewal, now()), options.json); }

int run_ca_show_command(const ca_options& options) {
  int outcome = exit_done;
  for (const auto& file : options.files) {
    const auto read = cluster::read_certificate_facts(file);
    if (!read) {
      outcome = wrong(read.error(), options.json);
      continue;
    }
    for (const auto& one : *read) {
      if (options.json) {
        auto all = to_json(one);
        all["file"] = file;
        std::printf("%s\n", json::serialize(all).c_str());
      } else {
        std::printf("%s\n", file.c_str());
        print(one);
      }
    }
  }
  return outcome;
}

}  // namespace bv::tools
