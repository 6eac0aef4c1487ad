#include "tools/bv/admin_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/admin/backup_command.hpp"
#include "tools/admin/ca_command.hpp"
#include "tools/admin/cluster_command.hpp"

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

/// What `bv admin` itself takes, before or after the name of what is to be done.
std::shared_ptr<const node_place> add_place(CLI::App& admin) {
  const auto place = std::make_shared<node_place>();
  admin.add_option("--data-dir", place->data_dir, "The node's data folder")
      ->excludes(admin.add_option("--config", place->config_file, "Or its config file; without either the default config"));
  return place;
}

void add_backups(CLI::App& admin, const std::shared_ptr<const node_place>& place, std::function<int()>& run) {
  const auto wanted = std::make_shared<backup_command_options>();
  auto* backup = admin.add_subcommand("backup", "Back up a running node's log into a folder")->fallthrough();
  backup->add_option("--to", wanted->to, "An empty or new folder")->required();
  backup->add_option("--rate-mb", wanted->rate_mb, "Read at most so many MB a second")->check(CLI::Range(1, 1'000'000));
  backup->add_flag("--as-is", wanted->as_is, "Of a cluster: what this node has, if the others can't be asked any more");
  backup->add_flag("--json", wanted->json, "One JSON object");
  backup->callback([wanted, place, &run] {
    run = [wanted, place] {
      wanted->node = *place;
      return run_backup_command(*wanted);
    };
  });

  const auto back = std::make_shared<restore_command_options>();
  auto* restore = admin.add_subcommand("restore", "Make a data folder, --data-dir, from a backup")->fallthrough();
  restore->add_option("--from", back->from, "The backup's folder")->required();
  restore->add_option("--through", back->through, "No event after this cursor of /api/events")
      ->excludes(restore->add_option("--until", back->until, "Nothing written after this time, as 2026-11-21T08:00:00Z"));
  restore->add_flag("--verify-only", back->verify_only, "Say what would be restored, and write nothing");
  restore->add_flag("--json", back->json, "One JSON object");
  restore->callback([back, place, &run] {
    run = [back, place] {
      back->data_dir = place->data_dir;
      return run_restore_command(*back);
    };
  });

  const auto seen = std::make_shared<verify_command_options>();
  auto* verify = admin.add_subcommand("verify", "Prove that a backup is whole and sound");
  verify->add_option("--from", seen->from, "The backup's folder")->required();
  verify->add_flag("--json", seen->json, "One JSON object");
  verify->callback([seen, &run] { run = [seen] { return run_verify_command(*seen); }; });
}

void add_cluster(CLI::App& admin, const std::shared_ptr<const node_place>& place, std::function<int()>& run) {
  const auto shown = std::make_shared<cluster_show_options>();
  const auto add_show = [&](const char* name, const char* about, int (*command)(const cluster_show_options&)) {
    auto* made = admin.add_subcommand(name, about)->fallthrough();
    made->add_flag("--json", shown->json, "One JSON object");
    made->callback([=, &run] {
      run = [=] {
        shown->node = *place;
        return command(*shown);
      };
    });
  };
  add_show("nodes", "The cluster's nodes, and those that wait to be let in", run_nodes_command);
  add_show("shards", "Who leads each shard, who votes, and how far the followers are", run_shards_command);

  const auto asked = std::make_shared<cluster_change_options>();
  const auto add_change = [&](const char* name, const char* about) {
    auto* made = admin.add_subcommand(name, about)->fallthrough();
    made->add_flag("!--no-wait", asked->wait, "Don't wait until the cluster is so");
    made->add_flag("--json", asked->json, "One JSON object");
    made->callback([=, &run] {
      run = [=] {
        asked->node = *place;
        asked->operation = name;
        return run_cluster_change_command(*asked);
      };
    });
    return made;
  };
  const auto add_named = [&](const char* name, const char* about) {
    auto* made = add_change(name, about);
    made->add_option("node", asked->name, "Its name: [node] id of its config")->required();
    return made;
  };
  add_named("join", "Let a waiting node in; it gets its share of votes and leaderships");
  add_named("replace", "Let a waiting node take the places of another, which leaves for ever")
      ->add_option("--with", asked->with, "The node that waits; default: the one of the same name");
  add_named("drain", "Take leaderships, and votes if others can have them, from a node");
  add_named("resume", "The end of a drain");
  add_named("remove", "Let a node go for ever")
      ->add_flag("--fewer-replicas", asked->fewer_replicas, "Also if the others are too few for all replicas");
  add_change("rebalance", "Spread votes and leaderships evenly, a few shards at a time");
  auto* transfer = add_change("transfer", "Let another voter lead a shard");
  transfer->add_option("shard", asked->shard, "Its number")->required()->check(CLI::Range(0, 1023));
  transfer->add_option("node", asked->name, "Its name")->required();
}

}  // namespace

void add_admin_commands(CLI::App& app, std::function<int()>& run) {
  auto* admin = app.add_subcommand("admin", "What operators do");
  admin->require_subcommand(1);
  add_ca(*admin, run);
  const auto place = add_place(*admin);
  add_backups(*admin, place, run);
  add_cluster(*admin, place, run);
}

}  // namespace bv::tools
