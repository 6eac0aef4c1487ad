#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols/http_client/client.hpp"
#include "tools/processes/child_process.hpp"

namespace bv::processes {

/// Where a node listens, and in which network.
struct node_place {
  std::string host = "127.0.0.1";
  std::uint16_t http_port = 0, cluster_port = 0;
  std::string network_namespace = {};  ///< path; empty: this process's
};

/// A real `bv node` on a folder of its own: NODE/node.toml, NODE/node.log, NODE/data. For one thread at a time; as to which, see
/// child_process.
class node_process {
 public:
  node_process(std::string name, std::string folder, node_place place, launch how);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const node_place& place() const { return place_; }
  [[nodiscard]] std::string data_dir() const { return folder_ + "/data"; }
  [[nodiscard]] std::string log_file() const { return folder_ + "/node.log"; }
  [[nodiscard]] http_client::address address() const { return {place_.host, std::to_string(place_.http_port)}; }
  /// 0: it does not run.
  [[nodiscard]] int pid() const { return process_ ? process_->pid() : 0; }

  /// Begins; ready is it later. It must not run. Errors: as child_process::start's.
  result<void> start();
  /// Until it serves. Errors: `node_ended`, with the end of its log; `not_ready`: not within that time, and why.
  result<void> wait_until_ready(std::chrono::milliseconds within);
  /// Whether a node that should run still does. Error `node_ended`, with the end of its log.
  result<void> still_runs();
  /// SIGKILL, and waits for the end. How a node ended that did so by itself before is lost: ask still_runs() for that first.
  void kill();
  /// SIGSTOP, SIGCONT.
  void pause();
  void go_on();
  /// SIGTERM, and waits. Errors: `node_ended`, if its exit code is not 0; `not_stopped`: not within that time; then it is killed.
  result<void> stop(std::chrono::milliseconds within);

 private:
  [[nodiscard]] std::string end_of_log() const;

  const std::string name_, folder_;
  const node_place place_;
  const launch how_;
  std::optional<child_process> process_;
};

struct cluster_options {
  std::string folder;   ///< for everything; made if it is missing
  std::string program;  ///< a `bv`; empty: this one
  std::vector<std::string> names{"a", "b", "c"};  ///< one alone is no cluster
  std::uint16_t shards = 16;
  std::uint16_t replicas = 3;       ///< not more than there are nodes
  std::vector<node_place> places{}; ///< by name; empty: on the loopback, on free ports
  bool sample_data = false;         ///< the first node puts it in
  std::string log_level = "info";
  variable_list variables{};        ///< BV_…, which go before the config files
};

/// Nodes as processes, with configs and certificates made for them. The folder stays when it ends; the processes don't.
class process_cluster {
 public:
  /// Writes what the nodes need, and starts none. Errors: `write_failed`, `no_free_port`, and those of cluster::make_authority.
  static result<process_cluster> make(const cluster_options& options);

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  node_process& operator[](std::size_t which) { return *nodes_[which]; }
  /// All of them, and waits until each serves.
  result<void> start(std::chrono::milliseconds within);
  /// One after the other, as for an upgrade. The first error.
  result<void> stop(std::chrono::milliseconds within);

 private:
  std::vector<std::unique_ptr<node_process>> nodes_;
};

/// What a node says of the cluster at /api/cluster.
struct cluster_view {
  struct shard {
    std::string leader;  ///< a node's name; empty: it knows none
    std::uint64_t term = 0, last_offset = 0;
  };
  std::vector<shard> shards;
};
/// Errors: as http_client::get's; `not_understood`.
result<cluster_view> look_at_cluster(const http_client::address& node, std::chrono::milliseconds within);

}  // namespace bv::processes
