#include "tools/bv/admin_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/admin/ca_command.hpp"

namespace bv::tools {
namespace {

void add_ca(CLI::App& admin, std::function<int()>& run) {
  auto* ca = admin.add_subcommand("ca", "The certificates of a cluster's nodes");
  ca->require_subcommand(1);
  const auto asked = std::make_shared<ca_options>();
  const auto add = [&](const char* name, const char* about, int (*command)(const ca_options&)) {
    auto* made = ca->add_subcommand(name, about);
    made->add_flag("--json", asked->json, "One JSON object a certificate");
    made->callback([asked, command, &run] { run = [asked, command] { return command(*asked); }; });
    return made;
  };

  auto* init = add("init", "Make the authority that the nodes trust", run_ca_init_command);
  init->add_option("--folder", asked->authority.folder, "For ca.crt and ca.key; nodes need ca.crt only")->required();
  init->add_option("--name", asked->authority.name, "Its common name")->capture_default_str();
  init->add_option("--days", asked->authority.days, "It is valid")->capture_default_str();

  auto* issue = add("issue", "Make a certificate and its key", run_ca_issue_command);
  issue->add_option("--ca", asked->certificate.authority, "Folder of the authority")->required();
  issue->add_option("--node", asked->certificate.node, "[node] id of its config; the files are NAME.crt and NAME.key")->required();
  issue->add_option("--host", asked->certificate.hosts, "Another name or IP address of it; as often as needed");
  issue->add_option("--out", asked->certificate.out, "Folder for the files")->required();
  issue->add_option("--days", asked->certificate.days, "It is valid, and not longer than the authority")->capture_default_str();
  issue->add_option("--role", asked->certificate.role, "node, or client: no node lets a client in as one of them")->capture_default_str();

  auto* renew = add("renew", "Issue a certificate anew, in its place; a running node takes it up", run_ca_renew_command);
  renew->add_option("--ca", asked->renewal.authority, "Folder of the authority")->required();
  renew->add_option("--certificate", asked->renewal.certificate, "Its file")->required();
  renew->add_option("--days", asked->renewal.days, "It is valid from now on")->capture_default_str();
  renew->add_flag("--new-key", asked->renewal.new_key, "Replace the key too, in NAME.key beside it");

  auto* show = add("show", "Print what certificates say", run_ca_show_command);
  show->add_option("file", asked->files, "PEM files")->required();
}

}  // namespace

void add_admin_commands(CLI::App& app, std::function<int()>& run) {
  auto* admin = app.add_subcommand("admin", "What operators do");
  admin->require_subcommand(1);
  add_ca(*admin, run);
}

}  // namespace bv::tools
