#include "tools/chaos/chaos_command.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tools/chaos/chaos_run.hpp"
#include "tools/exit_codes.hpp"

namespace bv::chaos {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t seconds_by_default = 60;

int wrong(const std::string& what) {
  std::fprintf(stderr, "bv chaos: %s\n", what.c_str());
  return tools::exit_usage;
}

std::uint64_t drawn_seed() {
  std::uint32_t drawn = 0;
  return ::getrandom(&drawn, sizeof drawn, 0) == sizeof drawn ? drawn : static_cast<std::uint64_t>(::getpid());
}

tl::unexpected<error> usage(const std::string& what) { return failure(error_kind::invalid, "usage", what); }

result<network_kind> network_of(const chaos_command_options& options) {
  const bool root = ::geteuid() == 0;
  if (options.network.empty()) return root ? network_kind::namespaces : network_kind::loopback;
  if (options.network == "loopback") return network_kind::loopback;
  if (options.network != "namespaces") return usage("--network is loopback or namespaces, not \"" + options.network + "\"");
  if (!root) return usage("--network namespaces needs root; run it as root, or with --network loopback");
  return network_kind::namespaces;
}

/// What the network and the user allow, or what was named.
result<std::vector<fault_kind>> kinds_of(const chaos_command_options& options, network_kind network) {
  const bool root = ::geteuid() == 0;
  std::vector<fault_kind> kinds;
  if (options.faults.empty()) {
    for (std::size_t i = 0; i < fault_names.size(); ++i) {
      const auto kind = static_cast<fault_kind>(i);
      if (is_of_network(kind) ? network == network_kind::namespaces : kind != fault_kind::disk_full || root) kinds.push_back(kind);
    }
    return kinds;
  }
  for (std::size_t from = 0; from <= options.faults.size();) {
    const auto to = std::min(options.faults.find(',', from), options.faults.size());
    const auto name = options.faults.substr(from, to - from);
    from = to + 1;
    const auto kind = fault_named(name);
    if (!kind) return usage("there is no fault \"" + name + "\"; there are kill, pause, partition, one-way, loss, delay, disk-full");
    if (is_of_network(*kind) && network == network_kind::loopback) return usage("fault " + name + " needs --network namespaces, and that needs root");
    if (*kind == fault_kind::disk_full && !root) return usage("fault disk-full mounts a file system, which needs root");
    if (std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
  }
  return kinds;
}

result<chaos_options> understand(const chaos_command_options& asked) {
  chaos_options made{.nodes = asked.nodes, .shards = asked.shards, .seed = asked.seed ? *asked.seed : drawn_seed(), .kinds = {},
                     .kills = asked.kills, .partitions = asked.partitions, .clients = asked.clients, .folder = {}, .replay = {}};
  BV_ASSIGN(made.network, network_of(asked));
  BV_ASSIGN(made.kinds, kinds_of(asked, made.network));
  const bool counted = asked.kills + asked.partitions > 0;
  if (counted && asked.seconds > 0) return usage("either --seconds, or --kills and --partitions");
  if (asked.partitions > 0 && made.network == network_kind::loopback) return usage("--partitions needs --network namespaces, and that needs root");
  made.lasts = std::chrono::seconds(asked.seconds > 0 ? asked.seconds : seconds_by_default);

  made.replay = "bv chaos run --seed " + std::to_string(made.seed) + " --nodes " + std::to_string(made.nodes) + " --shards " + std::to_string(made.shards) +
                " --clients " + std::to_string(made.clients) + " --network " + (made.network == network_kind::loopback ? "loopback" : "namespaces") + " --faults ";
  for (const auto kind : made.kinds) (made.replay += kind == made.kinds.front() ? "" : ",") += name_of(kind);
  if (made.kills > 0) made.replay += " --kills " + std::to_string(made.kills);
  if (made.partitions > 0) made.replay += " --partitions " + std::to_string(made.partitions);
  if (!counted) made.replay += " --seconds " + std::to_string(made.lasts.count());
  return made;
}

/// The run's folder, which goes with all that is in it unless it was named or is to be kept.
class run_folder {
 public:
  explicit run_folder(const std::string& named) : named_(!named.empty()), path_(fs::absolute(named_ ? named : "bv-chaos-" + std::to_string(::getpid()))) {}
  ~run_folder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  result<void> make() {
    std::error_code failed;
    fs::create_directories(path_, failed);
    if (failed) return usage("can't make the folder " + path_.string() + ": " + failed.message());
    kept_ = named_;
    if (fs::is_empty(path_, failed)) return {};
    kept_ = true;
    return usage("the folder " + path_.string() + " is not empty: name another one");
  }
  void keep() { kept_ = true; }
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] bool kept() const { return kept_; }

 private:
  const bool named_;
  const fs::path path_;
  bool kept_ = false;
};

}  // namespace

int run_chaos_command(const chaos_command_options& asked) {
  auto options = understand(asked);
  if (!options) return wrong(options.error().message);
  run_folder folder(asked.folder);
  if (const auto made = folder.make(); !made) return wrong(made.error().message);
  options->folder = folder.path();

  interruption stop;
  auto report = run_chaos(*options, stop, [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  if (!report) {
    folder.keep();
    std::fprintf(stderr, "bv chaos: %s\nlogs: %s\n", describe(report.error()).c_str(), folder.path().c_str());
    return tools::exit_failed;
  }
  if (!report->passed()) folder.keep();
  if (folder.kept()) report->folder = folder.path();
  std::printf("%s\n", (asked.json ? to_json(*report) : to_text(*report)).c_str());
  if (!asked.report_file.empty()) {
    std::ofstream out(asked.report_file, std::ios::trunc);
    out << to_json(*report) << '\n';
    out.close();
    if (!out) std::fprintf(stderr, "bv chaos: can't write %s\n", asked.report_file.c_str());
    if (!out) return tools::exit_failed;
  }
  return report->passed() ? tools::exit_done : tools::exit_failed;
}

}  // namespace bv::chaos
