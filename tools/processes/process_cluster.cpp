#include "tools/processes/process_cluster.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "protocols/cluster/certificates.hpp"
#include "protocols/schema/base/assert.hpp"

namespace bv::processes {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Below where the kernel takes the ports of those who connect: a port that a node had must be free when it comes back.
constexpr std::uint16_t ports_from = 20'000, ports_to = 32'000;
/// Between two looks at a node that is not ready yet.
constexpr milliseconds look_again_after{20};
constexpr milliseconds one_look_max{2000};
constexpr std::streamoff log_shown_bytes = 3000;

bool is_free(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return false;
  const int yes = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  const bool bound = ::bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  ::close(made);
  return bound;
}

/// Begins at a place that differs between processes, for several may look at the same time.
result<std::vector<node_place>> free_places(std::size_t count) {
  std::vector<std::uint16_t> found;
  constexpr unsigned range = ports_to - ports_from;
  const auto start = static_cast<unsigned>(::getpid()) * 61u;
  for (unsigned step = 0; step < range && found.size() < 2 * count; ++step) {
    const auto port = static_cast<std::uint16_t>(ports_from + (start + step) % range);
    if (is_free(port)) found.push_back(port);
  }
  if (found.size() < 2 * count)
    return failure(error_kind::unavailable, "no_free_port", "too few ports from 20000 to 32000 are free on 127.0.0.1");
  std::vector<node_place> places(count);
  for (std::size_t i = 0; i < count; ++i) places[i] = {"127.0.0.1", found[2 * i], found[2 * i + 1]};
  return places;
}

std::string quoted(const std::string& text) { return json::serialize(json::value(text)); }

std::string config_of(const cluster_options& options, const std::vector<node_place>& places, std::size_t which) {
  const auto& name = options.names[which];
  const auto& place = places[which];
  std::string text = "[node]\nid = " + quoted(name) + "\ndata_dir = \"data\"\n";
  if (options.sample_data && which == 0) text += "sample_data = true\n";
  text += "\n[http]\nlisten = " + quoted(place.host + ":" + std::to_string(place.http_port)) + "\n";
  text += "\n[cluster]\nshards = " + std::to_string(options.shards) + "\n";
  if (options.names.size() > 1) {
    std::string seeds;
    for (const auto& one : places) seeds += (seeds.empty() ? "" : ", ") + quoted(one.host + ":" + std::to_string(one.cluster_port));
    text += "listen = " + quoted(place.host + ":" + std::to_string(place.cluster_port)) + "\nseeds = [" + seeds + "]\n";
    text += "replicas = " + std::to_string(options.replicas) + "\n";
    text += "certificate = " + quoted("../certs/" + name + ".crt") + "\nkey = " + quoted("../certs/" + name + ".key") + "\n";
    text += "authority = \"../ca/ca.crt\"\n";
  }
  return text + "\n[log]\nlevel = " + quoted(options.log_level) + "\nformat = \"json\"\n";
}

result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return {};
  return failure(error_kind::internal, "write_failed", "can't write " + path, path);
}

result<void> make_certificates(const cluster_options& options) {
  const timestamp now{std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
  BV_TRY(cluster::make_authority({.folder = options.folder + "/ca"}, now));
  for (const auto& name : options.names)
    BV_TRY(cluster::issue_certificate({.authority = options.folder + "/ca", .node = name, .hosts = {}, .out = options.folder + "/certs"}, now));
  return {};
}

}  // namespace

node_process::node_process(std::string name, std::string folder, node_place place, launch how)
    : name_(std::move(name)), folder_(std::move(folder)), place_(std::move(place)), how_(std::move(how)) {}

result<void> node_process::start() {
  BV_ASSERT(!process_, "a node is started when it does not run");
  BV_ASSIGN(process_, child_process::start(how_));
  return {};
}

result<void> node_process::still_runs() {
  if (!process_) return failure(error_kind::unavailable, "node_ended", "node " + name_ + " does not run", name_);
  const auto end = process_->wait(milliseconds(0));
  if (!end) return {};
  return failure(error_kind::unavailable, "node_ended", "node " + name_ + " " + describe(*end) + ":\n" + end_of_log(), log_file());
}

result<void> node_process::wait_until_ready(milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  std::string last = "nothing was heard of it";
  while (true) {
    BV_TRY(still_runs());
    const auto answer = http_client::get(address(), "/readyz", {.within = one_look_max});
    if (answer && answer->status == 200) return {};
    last = answer ? answer->body : describe(answer.error());
    if (steady_clock::now() >= deadline) break;
    process_->wait(look_again_after);
  }
  return failure(error_kind::timeout, "not_ready",
                 "node " + name_ + " is not ready after " + std::to_string(within.count()) + " ms: " + last + "\n" + end_of_log(), log_file());
}

void node_process::kill() { process_.reset(); }

void node_process::pause() {
  if (process_) process_->signal(SIGSTOP);
}

void node_process::go_on() {
  if (process_) process_->signal(SIGCONT);
}

result<void> node_process::stop(milliseconds within) {
  if (!process_) return {};
  process_->signal(SIGTERM);
  const auto deadline = steady_clock::now() + within;
  auto end = process_->wait(within);
  while (!end && steady_clock::now() < deadline)
    end = process_->wait(std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()) + milliseconds(1));
  process_.reset();
  if (!end)
    return failure(error_kind::timeout, "not_stopped",
                   "node " + name_ + " did not stop within " + std::to_string(within.count()) + " ms:\n" + end_of_log(), log_file());
  if (*end == process_end{}) return {};
  return failure(error_kind::internal, "node_ended", "node " + name_ + " " + describe(*end) + ":\n" + end_of_log(), log_file());
}

std::string node_process::end_of_log() const {
  std::ifstream in(log_file(), std::ios::binary | std::ios::ate);
  if (!in) return "(no log)";
  const auto size = static_cast<std::streamoff>(in.tellg());
  in.seekg(size > log_shown_bytes ? size - log_shown_bytes : 0);
  return {std::istreambuf_iterator<char>(in), {}};
}

result<process_cluster> process_cluster::make(const cluster_options& options) {
  std::error_code failed;
  fs::create_directories(options.folder, failed);
  const auto folder = fs::absolute(options.folder).lexically_normal().string();
  if (failed) return failure(error_kind::internal, "write_failed", "can't make the folder " + folder + ": " + failed.message(), folder);
  auto places = options.places;
  if (places.empty()) {
    BV_ASSIGN(places, free_places(options.names.size()));
  }
  BV_ASSERT(places.size() == options.names.size(), "each node has a place");
  if (options.names.size() > 1) BV_TRY(make_certificates(options));

  process_cluster made;
  for (std::size_t i = 0; i < options.names.size(); ++i) {
    const auto& name = options.names[i];
    const auto home = folder + "/" + name;
    fs::create_directories(home, failed);
    BV_TRY(write_file(home + "/node.toml", config_of(options, places, i)));
    made.nodes_.push_back(std::make_unique<node_process>(
        name, home, places[i],
        launch{.program = options.program, .arguments = {"node", "--config", "node.toml"}, .variables = options.variables,
               .folder = home, .log_file = home + "/node.log", .network_namespace = places[i].network_namespace}));
  }
  return made;
}

result<void> process_cluster::start(milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  for (const auto& one : nodes_) BV_TRY(one->start());
  for (const auto& one : nodes_)
    BV_TRY(one->wait_until_ready(std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()))));
  return {};
}

result<void> process_cluster::stop(milliseconds within) {
  result<void> first;
  for (const auto& one : nodes_)
    if (auto stopped = one->stop(within); !stopped && first) first = std::move(stopped);
  return first;
}

result<cluster_view> look_at_cluster(const http_client::address& node, milliseconds within) {
  BV_ASSIGN(const auto answer, http_client::get(node, "/api/cluster", {.within = within}));
  boost::system::error_code failed;
  const auto all = json::parse(answer.body, failed);
  const auto* const listed = failed || !all.is_object() ? nullptr : all.get_object().if_contains("shards");
  const auto* const shards = listed == nullptr ? nullptr : listed->if_array();
  cluster_view seen;
  for (std::size_t i = 0; shards != nullptr && i < shards->size(); ++i) {
    const auto* const one = (*shards)[i].if_object();
    const auto* const leader = one == nullptr ? nullptr : one->if_contains("leader");
    const auto* const offset = one == nullptr ? nullptr : one->if_contains("lastOffset");
    const auto* const term = one == nullptr ? nullptr : one->if_contains("term");
    if (leader == nullptr || !leader->is_string() || offset == nullptr || !offset->is_number()) break;
    seen.shards.push_back({std::string(leader->get_string()), term == nullptr ? 0 : term->to_number<std::uint64_t>(),
                           offset->to_number<std::uint64_t>()});
  }
  if (shards == nullptr || seen.shards.size() != shards->size())
    return failure(error_kind::internal, "not_understood", node.host + ":" + node.port + " says of its cluster: " + answer.body);
  return seen;
}

}  // namespace bv::processes
