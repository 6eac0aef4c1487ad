// One run, from its beginning to its verdict:
//
//   network, disk, nodes → goods → customers shop, faults strike one after the other, each undone and waited for → customers get their
//   last answers → no saga runs and all nodes are level → everything is looked at through each node → nodes stop as they should → their
//   disks are read → the checkers judge.
#include "tools/chaos/chaos_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <utility>

#include "tools/chaos/fault_injector.hpp"
#include "tools/chaos/judgement.hpp"
#include "tools/chaos/schedule.hpp"
#include "tools/chaos/traffic.hpp"

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Long, for a machine may be busy: these tell what hangs from what is slow. How slow it was is in the report.
constexpr milliseconds ready_within{180'000}, answered_within{60'000}, level_within{120'000}, looked_at_within{180'000}, stopped_within{60'000};
constexpr milliseconds look_again_after{50}, look_within{2'000};
/// A history beyond that is more than the checkers should be asked to hold.
constexpr std::uint64_t answers_max = 3'000'000;
constexpr std::uint64_t small_disk_size_bytes = std::uint64_t{2} << 30;

class chaos_run {
 public:
  chaos_run(const chaos_options& options, interruption& stop, const std::function<void(const std::string&)>& tell)
      : options_(options), stop_(stop), tell_(tell) {
    for (std::size_t i = 0; i < options.nodes; ++i) names_.emplace_back(1, static_cast<char>('a' + i));
  }

  result<chaos_report> go() {
    const auto began = steady_clock::now();
    report_.seed = options_.seed;
    report_.replay = options_.replay;
    BV_TRY(prepare());
    suffer();
    settle();
    look();
    judge_all();
    keep_small_disk();
    report_.took_s = std::chrono::duration<double>(steady_clock::now() - began).count();
    report_.interrupted = stop_.came();
    return std::move(report_);
  }

 private:
  result<void> prepare();
  void suffer();
  /// False: it can't go on.
  bool one_fault(fault_injector& injector, const planned_fault& planned, const std::string& number);
  void settle();
  void wait_until_level();
  [[nodiscard]] std::string unlike() const;
  void look();
  void judge_all();
  void keep_small_disk();
  void broken(std::string invariant, std::string what) {
    tell_("BROKEN " + invariant + ": " + what);
    report_.violations.push_back({std::move(invariant), std::move(what), wall_now()});
  }
  void broken(std::string invariant, const error& why) { broken(std::move(invariant), why.message); }
  [[nodiscard]] bool wants(fault_kind kind) const { return std::ranges::find(options_.kinds, kind) != options_.kinds.end(); }

  const chaos_options& options_;
  interruption& stop_;
  const std::function<void(const std::string&)>& tell_;
  std::vector<std::string> names_;
  chaos_report report_;
  bool level_ = false;  ///< all nodes had the same in the end
  std::optional<network_lab> network_;
  std::optional<small_disk> disk_;
  std::optional<processes::process_cluster> nodes_;
  std::optional<traffic> load_;
};

result<void> chaos_run::prepare() {
  processes::cluster_options made{.folder = options_.folder, .program = {}, .names = names_, .shards = options_.shards,
                                  .replicas = static_cast<std::uint16_t>(options_.nodes)};
  report_.machinery = fmt::format("{} nodes, {} shards on all of them, {} clients", options_.nodes, options_.shards, options_.clients);
  if (options_.network == network_kind::namespaces) {
    BV_ASSIGN(auto network, network_lab::make(names_));
    network_.emplace(std::move(network));
    made.places = network_->places();
    report_.machinery += ", a network namespace each";
    if (wants(fault_kind::loss) || wants(fault_kind::delay)) report_.machinery += ", loss and delay by " + network_->slows_by();
  }
  if (wants(fault_kind::disk_full)) {
    BV_ASSIGN(auto disk, small_disk::mount(options_.folder + "/" + names_.back() + "/data", small_disk_size_bytes));
    disk_.emplace(std::move(disk));
    report_.machinery += ", the disk of " + names_.back() + " is a tmpfs";
  }
  BV_ASSIGN(nodes_, processes::process_cluster::make(made));
  BV_TRY(nodes_->start(ready_within));
  std::vector<http_client::address> addresses;
  for (std::size_t i = 0; i < nodes_->size(); ++i) addresses.push_back((*nodes_)[i].address());
  load_.emplace(traffic_options{.seed = options_.seed, .customers = options_.clients, .nodes = std::move(addresses)});
  tell_(report_.machinery + "; seed " + std::to_string(options_.seed));
  return load_->stock();
}

void chaos_run::suffer() {
  schedule plan({.seed = options_.seed, .kinds = options_.kinds, .kills = options_.kills, .partitions = options_.partitions,
                 .nodes = options_.nodes, .small_disk_node = options_.nodes - 1, .shards = options_.shards});
  fault_injector injector(*nodes_, network_ ? &*network_ : nullptr, disk_ ? &*disk_ : nullptr);
  report_.began = wall_now();
  load_->start();
  const auto deadline = steady_clock::now() + options_.lasts;
  for (std::size_t number = 1; !stop_.came() && load_->answered() < answers_max; ++number) {
    if (!plan.size() && steady_clock::now() >= deadline) break;
    const auto planned = plan.next();
    if (!planned) break;
    stop_.wait(planned->after);
    if (!one_fault(injector, *planned, std::to_string(number) + (plan.size() ? " of " + std::to_string(*plan.size()) : ""))) break;
  }
}

bool chaos_run::one_fault(fault_injector& injector, const planned_fault& planned, const std::string& number) {
  auto struck = injector.strike(planned);
  if (!struck) return broken("runs", struck.error()), false;
  stop_.wait(planned.lasts);
  const auto undone = injector.undo(*struck);
  const auto well = undone ? injector.wait_until_well(ready_within) : undone;
  if (well) struck->well = wall_now();
  report_.faults.push_back(*struck);
  tell_(number + line_of(*struck, report_.began, nullptr) + "; " + std::to_string(load_->answered()) + " answers so far");
  if (!well) broken("recovers", well.error());
  return well.has_value();
}

void chaos_run::settle() {
  load_->finish(answered_within);
  report_.under_faults_s = static_cast<double>((wall_now() - report_.began).count()) / 1e9;
  if (const auto healed = network_ ? network_->heal() : result<void>(); !healed) broken("recovers", healed.error());
  wait_until_level();
}

/// How the nodes differ; empty: they don't, and no saga runs.
std::string chaos_run::unlike() const {
  std::optional<processes::cluster_view> first;
  for (std::size_t i = 0; i < nodes_->size(); ++i) {
    const auto& node = (*nodes_)[i];
    const auto seen = processes::look_at_cluster(node.address(), look_within);
    if (!seen) return "node " + node.name() + ": " + seen.error().message;
    if (!first) first = *seen;
    for (std::size_t shard = 0; shard < seen->shards.size(); ++shard)
      if (seen->shards[shard].last_offset != first->shards[shard].last_offset)
        return fmt::format("shard {} has {} events on node {} and {} on node {}", shard, first->shards[shard].last_offset, names_[0],
                           seen->shards[shard].last_offset, node.name());
    for (const auto* status : {"running", "compensating"}) {
      const auto sagas = http_client::get(node.address(), std::string("/api/sagas?limit=1&status=") + status, {.within = look_within});
      if (!sagas) return "node " + node.name() + ": " + sagas.error().message;
      boost::system::error_code failed;
      const auto page = boost::json::parse(sagas->body, failed);
      const auto* const items = failed || !page.is_object() ? nullptr : page.get_object().if_contains("items");
      if (items == nullptr || !items->is_array()) return "node " + node.name() + " says of its sagas " + sagas->body;
      if (!items->get_array().empty()) return "node " + node.name() + " has sagas that are " + status;
    }
  }
  return {};
}

void chaos_run::wait_until_level() {
  const auto deadline = steady_clock::now() + level_within;
  std::string why;
  // Twice the same, for what one saga does another may follow.
  for (int agreed = 0; agreed < 2;) {
    why = unlike();
    agreed = why.empty() ? agreed + 1 : 0;
    if (steady_clock::now() > deadline) return broken("settles", "the nodes are not level: " + why);
    interruption::pause(look_again_after);
  }
  level_ = true;
}

void chaos_run::look() {
  if (!level_) return;
  tell_("healed, level; every entity is looked at through every node");
  if (const auto seen = load_->look_at_all(looked_at_within); !seen) broken("answered", seen.error());
}

void chaos_run::judge_all() {
  if (const auto stopped = nodes_->stop(stopped_within); !stopped) broken("stops", stopped.error());
  report_.seen = load_->seen();
  evidence all{.history = load_->take_history(), .shards = options_.shards, .nodes = static_cast<std::uint16_t>(options_.nodes), .ended = wall_now(), .breaches = {}};
  std::uint64_t unanswered = 0;
  for (const auto& one : all.history) {
    if (!one.client.starts_with("customer-")) continue;
    ++(one.command.empty() ? report_.views : report_.commands);
    report_.repeated += one.attempts > 1;
    unanswered += std::holds_alternative<sim::operation::unknown>(one.outcome);
  }
  if (unanswered > 0) broken("answered", std::to_string(unanswered) + " requests had no answer a minute after the last fault");
  report_.what_was_felt = felt_of(report_.faults, all.history, options_.shards);
  tell_("stopped; reading the disks, and judging " + std::to_string(report_.commands + report_.views) + " operations");

  std::vector<std::string> folders;
  for (std::size_t i = 0; i < nodes_->size(); ++i) folders.push_back((*nodes_)[i].data_dir());
  auto logs = read_node_logs(folders, options_.shards, level_, [&](std::string_view invariant, const std::string& what) {
    all.breaches.push_back({std::string(invariant), what, all.ended});
  });
  if (!logs) return broken("log_sound", logs.error());
  report_.records = logs->records.size();
  report_.invariants = judged_invariants();
  for (auto& one : judge(std::move(all), *std::move(logs))) report_.violations.push_back(std::move(one));
}

/// It would be gone with this process, and whoever looks for what was broken needs it.
void chaos_run::keep_small_disk() {
  if (!disk_ || report_.passed()) return;
  const auto from = (*nodes_)[nodes_->size() - 1].data_dir();
  std::error_code failed;
  std::filesystem::copy(from, from + ".kept", std::filesystem::copy_options::recursive, failed);
  tell_(failed ? "can't keep a copy of " + from + ": " + failed.message() : "kept as " + from + ".kept: what was on the tmpfs " + from);
}

}  // namespace

result<chaos_report> run_chaos(const chaos_options& options, interruption& stop, const std::function<void(const std::string&)>& tell) {
  return chaos_run(options, stop, tell).go();
}

}  // namespace bv::chaos
