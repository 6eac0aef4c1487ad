#include "tools/bv/chaos_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/chaos/chaos_command.hpp"

namespace bv::tools {

void add_chaos_commands(CLI::App& app, std::function<int()>& run) {
  auto* chaos = app.add_subcommand("chaos", "Real nodes under faults and load, and whether they bear it");
  chaos->require_subcommand(1);
  const auto asked = std::make_shared<chaos::chaos_command_options>();
  auto* made = chaos->add_subcommand("run",
                                     "Start nodes, put load on them, let faults strike, and judge by what clients were told and what is\n"
                                     "on the disks. Exit code: 0 passed, 1 failed, 2 usage. docs/operations.md: \"A game day\"");
  made->add_option("--seconds", asked->seconds, "Faults of all kinds, for so long; default: 60")->check(CLI::PositiveNumber);
  made->add_option("--kills", asked->kills, "Or: so many kills of a leader …")->check(CLI::Range(1, 100'000));
  made->add_option("--partitions", asked->partitions, "… and so many partitions, the other kinds now and then in between")->check(CLI::Range(1, 100'000));
  made->add_option("--seed", asked->seed, "Of the faults and of what clients do; default: drawn, and printed");
  made->add_option("--faults", asked->faults, "Of kill,pause,partition,one-way,loss,delay,disk-full; default: all that can be");
  made->add_option("--network", asked->network, "namespaces (root, iproute2, nftables) or loopback (kill and pause; as root also disk-full)");
  made->add_option("--nodes", asked->nodes, "All vote on each shard")->capture_default_str()->check(CLI::Range(3, 7));
  made->add_option("--shards", asked->shards, "Of the cluster")->capture_default_str()->check(CLI::Range(1, 1024));
  made->add_option("--clients", asked->clients, "Each asks one thing after the other")->capture_default_str()->check(CLI::Range(1, 1000));
  made->add_option("--folder", asked->folder, "New or empty; stays. Default: ./bv-chaos-PID, which goes if all was well");
  made->add_flag("--json", asked->json, "The report as one JSON object");
  made->add_option("--report", asked->report_file, "Write the JSON object to this file too");
  made->callback([asked, &run] { run = [asked] { return chaos::run_chaos_command(*asked); }; });
}

}  // namespace bv::tools
