#include "tools/node/cluster_start.hpp"

#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include "actors/runtime/features.hpp"
#include "tools/node/identity.hpp"

namespace bv::tools {
namespace {

using namespace std::chrono_literals;

cluster::link_options link_options_of(const node_config& config) {
  cluster::link_options options;
  options.listen = to_text(config.cluster.listen);
  options.insecure = config.cluster.insecure;
  if (!config.cluster.insecure)
    options.certificates = cluster::certificate_files{config.cluster.certificate, config.cluster.key, config.cluster.authority};
  return options;
}

runtime::node_hello hello_of(const node_config& config, const node_identity& identity) {
  return {.node = identity.node,
          .cluster = identity.cluster ? identity.cluster->founded.cluster : 0,
          .name = config.node.id,
          .address = to_text(config.cluster.listen),
          .feature_level = runtime::own_feature_level()};
}

/// The id stays the same over starts, also before there is a cluster: others may have put it into the charter already.
result<node_identity> own_identity(const std::string& data_dir) {
  BV_ASSIGN(auto known, read_identity(data_dir));
  if (known) return *std::move(known);
  const node_identity fresh{.node = runtime::node_id{fresh_number()}, .cluster = {}};
  BV_TRY(write_identity(data_dir, fresh));
  return fresh;
}

bool is_seed(const node_config& config) {
  const auto own = to_text(config.cluster.listen);
  return std::find(config.cluster.seeds.begin(), config.cluster.seeds.end(), own) != config.cluster.seeds.end();
}

result<runtime::found_cluster> find_cluster(const node_config& config, const runtime::node_hello& self, logger& log,
                                      const runtime::note_handler& notes, const std::function<bool()>& cancelled) {
  constexpr auto between_looks = 50ms;
  constexpr auto between_words = 5s;
  BV_ASSIGN(const auto links, cluster::links::open(link_options_of(config), notes));
  runtime::founding begins(self, *links,
                           {.shards = config.cluster.shards,
                            .replicas = config.cluster.replicas,
                            .seeds = is_seed(config) ? config.cluster.seeds.size() : 0,
                            .cluster = fresh_number()},
                           notes);
  BV_TRY(links->start(self, begins));
  links->connect(config.cluster.seeds);
  auto outcome = begins.outcome();
  for (auto told = std::chrono::steady_clock::now(); !outcome; outcome = begins.outcome()) {
    if (cancelled()) return failure(error_kind::unavailable, "cancelled", "stopped before the cluster was there");
    std::this_thread::sleep_for(between_looks);  // tidy-allow: sleep: between two looks at the condition, as long as it takes
    begins.tick();
    if (std::chrono::steady_clock::now() - told < between_words) continue;
    told = std::chrono::steady_clock::now();
    log.write(log_level::info, "cluster", begins.waits_for());
  }
  links->stop();
  return *std::move(outcome);
}

}  // namespace

std::uint64_t fresh_number() {
  std::random_device device;
  // Half of the range: it fits a signed number everywhere, and 0 means none.
  return ((std::uint64_t{device()} << 31) ^ device()) | 1;
}

result<cluster_seat> take_seat(const node_config& config, bool has_log, logger& log, const runtime::note_handler& notes,
                               const std::function<bool()>& cancelled) {
  BV_ASSIGN(auto identity, own_identity(config.node.data_dir));
  if (!identity.cluster) {
    auto self = hello_of(config, identity);
    self.has_log = has_log;
    BV_ASSIGN(auto found, find_cluster(config, self, log, notes, cancelled));
    identity.cluster = std::move(found);
    BV_TRY(write_identity(config.node.data_dir, identity));
    log.write(log_level::info, "cluster", "belongs to a cluster",
              {{"cluster", std::to_string(identity.cluster->founded.cluster)}, {"node", std::to_string(identity.node.value)},
               {"history", std::to_string(identity.cluster->founded.history)}});
  }
  cluster_seat seat;
  BV_ASSIGN(seat.links, cluster::links::open(link_options_of(config), notes));
  seat.options = {.self = hello_of(config, identity), .net = seat.links.get(), .addresses = config.cluster.seeds,
                  .founded = identity.cluster->founded, .members = identity.cluster->members,
                  .lost_after = std::chrono::seconds{config.cluster.dead_node_timeout_s}, .group = {}};
  return seat;
}

}  // namespace bv::tools
