#include "tools/node/running_node.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "actors/commerce/sample_data.hpp"
#include "protocols/admin/server.hpp"
#include "protocols/http/server.hpp"
#include "sagas/commerce/commerce_domain.hpp"
#include "sagas/engine/application.hpp"
#include "sagas/engine/timer.hpp"
#include "storage/store.hpp"
#include "tools/node/admin_socket.hpp"
#include "tools/node/backup_operation.hpp"
#include "tools/node/cluster_operations.hpp"
#include "tools/node/cluster_start.hpp"
#include "tools/node/commit_meter.hpp"
#include "tools/node/metrics.hpp"
#include "tools/node/readiness.hpp"
#include "tools/node/sample_data.hpp"
#include "tools/node/version.hpp"

namespace bv::tools {
namespace {

constexpr unsigned io_threads_max = 64;

log_level level_of(runtime::note_level level) {
  switch (level) {
    case runtime::note_level::info: return log_level::info;
    case runtime::note_level::warning: return log_level::warning;
    case runtime::note_level::error: return log_level::error;
  }
  return log_level::error;
}

runtime::note_handler notes_to(logger& log, std::string component) {
  return [&log, component = std::move(component)](const runtime::note& note) {
    const log_context context{note.trace, note.correlation};
    if (note.entity.empty())
      log.write(level_of(note.level), component, note.message, {}, context);
    else
      log.write(level_of(note.level), component, note.message, {{"entity", std::string(note.entity)}}, context);
  };
}

std::vector<sagas::domain> domains_of(const node_config& config, const runtime::clock& time, sagas::timer& later) {
  std::vector<sagas::domain> all;
  all.push_back(commerce_sagas::commerce_domain(config.payments, time, later));
  return all;
}

storage::store_options store_options_of(const node_config& config, commit_meter& commits, logger& log) {
  storage::store_options options;
  options.folder = config.node.data_dir;
  options.shards = config.cluster.shards;
  options.durable = config.storage.durability;
  options.catches_up = !config.cluster.wanted();
  options.on_commit = [&commits](const storage::commit_stats& seen) { commits.observe(seen); };
  options.on_note = [&log](const std::string& line) { log.write(log_level::warning, "storage", line); };
  return options;
}

http::options http_options_of(const node_config& config) {
  http::options options;
  options.listen = to_text(config.http.listen);
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  options.io_threads = std::min(config.http.threads == 0 ? cores : config.http.threads, io_threads_max);
  options.bounds = config.http.bounds;
  options.allowed_origins = config.http.cors_origins;
  options.node_name = config.node.id;
  options.version = BV_VERSION;
  return options;
}

}  // namespace

/// In the order in which each needs those before it; destroyed from the end.
struct running_node::parts {
  parts(const node_config& chosen, logger& to)
      : config(chosen),
        log(to),
        actors(chosen.node.threads),
        later(sagas::make_thread_timer()),
        hosted(domains_of(config, time, *later), notes_to(log, "saga")) {}

  const node_config config;
  logger& log;
  commit_meter commits;
  runtime::system_clock time;
  storage::store store;
  runtime::scheduler actors;
  std::unique_ptr<sagas::timer> later;
  sagas::application hosted;
  cluster_seat seat;  ///< empty if the node is alone
  std::unique_ptr<runtime::node> node;
  std::unique_ptr<sagas::timer> between_goes;  ///< at the sample data; goes before the node
  std::mutex server_mutex;  ///< the first request may come before start() has returned the server
  std::unique_ptr<http::server> server;
  std::unique_ptr<admin::server> operators;

  std::optional<readiness> ready;
  bool stopped = false;

  [[nodiscard]] bool has_log() const;
  void make_node();
  result<void> serve();
  result<void> serve_operators();
  void recovered(result<void> outcome);
  void become_level();
  void make_readiness();
  std::string metrics();
};

bool running_node::parts::has_log() const {
  for (std::uint16_t i = 0; i < config.cluster.shards; ++i)
    if (store.log->bounds(storage::shard_id{i}).last.value > 0) return true;
  return false;
}

void running_node::parts::make_node() {
  runtime::node_options options;
  options.shards = config.cluster.shards;
  // Nothing that a restart must repeat depends on it: ids of retried commands come from the state.
  options.seed = fresh_number();
  options.bounds = config.runtime;
  options.notes = notes_to(log, "runtime");
  if (seat.links) options.cluster = seat.options;
  hosted.register_with(options);
  node = std::make_unique<runtime::node>(actors.system(), store, time, std::move(options));
}

void running_node::parts::make_readiness() {
  readiness::views views;
  for (const auto& projection : node->metrics().projections) views.push_back(node->projection_of(projection.name));
  ready.emplace(node->events(), std::move(views), [this] { return node->ready(); }, seat.links != nullptr);
}

result<void> running_node::parts::serve() {
  auto contracts = hosted.contracts();
  if (config.cluster.wanted()) contracts.push_back(&runtime::members::contract::reflection());
  http::dependencies with{node->entities(), node->events(), std::move(contracts), {}, {}, {}, {}};
  with.cluster = [this] { return node->cluster(); };
  for (auto& query : hosted.queries([this](std::string_view name) { return node->projection_of(name); }))
    with.queries.push_back(std::move(query));
  with.ready = [this] { return ready->check(); };
  with.metrics = [this] { return metrics(); };
  const std::lock_guard lock(server_mutex);
  BV_ASSIGN(server, http::server::start(http_options_of(config), std::move(with)));
  auto bound = config.http.listen;
  bound.port = server->port();
  log.write(log_level::info, "http", "serving", {{"address", to_text(bound)}});
  return {};
}

/// The store is open, so this process alone has the folder: a socket that is there was left behind.
result<void> running_node::parts::serve_operators() {
  std::vector<std::unique_ptr<admin::operation>> operations;
  std::optional<replicated_log> replicated;
  if (seat.links)
    replicated = {.shards = config.cluster.shards,
                  .level = [this](duration at_most, auto done) { node->level(at_most, std::move(done)); }};
  operations.push_back(make_backup_operation(store, config.node.data_dir, std::move(replicated), time));
  if (seat.links)
    for (auto& one : make_cluster_operations(*node)) operations.push_back(std::move(one));
  BV_ASSIGN(operators, admin::server::start(admin_socket_of(config.node.data_dir), std::move(operations)));
  return {};
}

/// Called on an actor's thread.
void running_node::parts::recovered(result<void> outcome) {
  if (!outcome) {
    log.write(log_level::error, "node", "recovery failed", {{"reason", describe(outcome.error())}});
    ready->recovery_failed(std::move(outcome).error());
    return;
  }
  log.write(log_level::info, "node", "shards serve");
  if (seat.links) become_level();
  if (!config.node.sample_data) return;
  between_goes = sagas::make_thread_timer();
  send_sample_data(node->entities(), *between_goes, commerce::sample_catalogue(), [this](const sample_outcome& sent) {
    log.write(sent.failed == 0 ? log_level::info : log_level::warning, "node", "sample data is there",
              {{"created", std::to_string(sent.created)},
               {"there_already", std::to_string(sent.there_already)},
               {"failed", std::to_string(sent.failed)},
               {"last_failure", sent.failed == 0 ? "" : describe(sent.last_failure)}});
  });
}

/// On an actor's thread too.
void running_node::parts::become_level() {
  node->level(level_in, [this](const result<void>& outcome) {
    if (outcome) return ready->on_level();
    if (outcome.error().code != "not_level") return;  // it is stopping
    log.write(log_level::warning, "node", "does not come level with its cluster, and waits", {{"reason", describe(outcome.error())}});
    become_level();
  });
}

std::string running_node::parts::metrics() {
  const auto seen = node->metrics();
  const std::lock_guard lock(server_mutex);
  return render_metrics({seen, commits, hosted.engine(), server->counts(), ready->check().has_value(), log.dropped_lines()});
}

running_node::running_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

result<std::unique_ptr<running_node>> running_node::start(const node_config& config, logger& log,
                                                          const std::function<bool()>& cancelled) {
  auto made = std::make_unique<parts>(config, log);
  BV_ASSIGN(made->store, storage::open_rocks_store(store_options_of(config, made->commits, log)));
  if (config.cluster.wanted()) {
    BV_ASSIGN(made->seat, take_seat(config, made->has_log(), log, notes_to(log, "cluster"), cancelled));
  }
  made->make_node();
  made->make_readiness();
  if (config.http.enabled) BV_TRY(made->serve());
  BV_TRY(made->serve_operators());
  made->node->start([p = made.get()](result<void> outcome) { p->recovered(std::move(outcome)); });
  return std::unique_ptr<running_node>(new running_node(std::move(made)));
}

running_node::~running_node() {
  if (parts_) static_cast<void>(stop());
}

result<void> running_node::stop() {
  if (std::exchange(parts_->stopped, true)) return {};
  if (parts_->server) parts_->server->announce_stop();
  if (parts_->operators) parts_->operators->stop();
  if (parts_->server) parts_->server->stop();
  parts_->node->stop_and_wait();
  return parts_->store.close();
}

result<void> running_node::ready() { return parts_->ready->check(); }

result<void> running_node::wait_until_ready(std::chrono::milliseconds at_most) {
  // Recovery has many ends (shards, read models), none of which could wake us when all are there.
  constexpr std::chrono::milliseconds between_looks{1};
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto seen = ready();
    if (seen || seen.error().code != "recovering") return seen;
    if (std::chrono::steady_clock::now() > deadline)
      return failure(error_kind::timeout, "timeout", "the node is not ready: " + seen.error().message);
    std::this_thread::sleep_for(between_looks);  // tidy-allow: sleep: between two looks at the condition, with a deadline
  }
}

std::uint16_t running_node::http_port() const { return parts_->server ? parts_->server->port() : 0; }

runtime::node& running_node::actors() { return *parts_->node; }

}  // namespace bv::tools
