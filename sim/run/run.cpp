// One run, from its beginning to its verdict:
//
//   nodes start → shelves are filled, undisturbed → warm-up, chaos (faults strike) → heal → settle: until nobody wants
//   anything and all has come to rest → linger → each node is killed and comes back, so that what is judged is what is on
//   the disks → every state is looked at → nodes stop as they do in production → the checkers judge.
#include <algorithm>
#include <utility>

#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/product.hpp"
#include "protocols/schema/json.hpp"
#include "sim/run/client.hpp"
#include "sim/run/fault_driver.hpp"
#include "sim/run/json_field.hpp"
#include "sim/run/run.hpp"
#include "sim/run/scoreboard.hpp"
#include "sim/run/stockist.hpp"
#include "sim/world/batch_records.hpp"
#include "sim/world/shop_contracts.hpp"
#include "sim/world/world.hpp"

namespace bv::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t steps_between_samples = 2048;
/// A node that lives answers everything within this time: its own deadline is 10 s.
constexpr duration answer_max = 30s;

class runner {
 public:
  runner(const plan& what, const run_options& options)
      : what_(what),
        outcome_{.what_happened = trace(options.tracing)},
        contracts_(shop_contracts()),
        world_(what, outcome_.what_happened, options.folder,
               {.committed = [this](observed_record record) { committed(std::move(record)); },
                .write_begun = [this](std::uint16_t node, std::uint64_t number) { faults_.on_write(node, number); },
                .disagreed = [this](std::string_view invariant, const std::string& what) {
                  for (const auto& one : checkers_) one->on_breach(invariant, what, now(), outcome_.violations);
                  tell_violations();
                }}),
        faults_({.what = what,
                 .in = world_,
                 .log = outcome_.what_happened,
                 .contracts = contracts_,
                 .send = [this](const ask_step& step) { send_by_hand(step); },
                 .start_failed = [this](const std::string& node, const error& why) {
                   broken("node_starts", node + " does not start again: " + describe(why));
                 },
                 .unanswered = [this](const std::string& node, const std::string& request) {
                   broken("answered", node + " stops and does not answer " + request);
                 }}) {}

  result<run_outcome> go();

 private:
  result<void> prepare();
  bool fill_shelves();
  void disturb();
  void settle();
  void restart_all();
  /// Who answers for a shop: its node, or any member of the cluster.
  [[nodiscard]] sim_node& speaker_of(std::uint16_t number) {
    return what_.where.clustered() ? world_.first_that_belongs() : *world_.nodes()[number];
  }
  void look_at(std::uint16_t number, const entity_key& entity, const std::shared_ptr<bool>& seen);
  void look_at_all();
  void rebuild_read_models();
  void stop_all();
  void judge();
  void committed(observed_record record);
  void send_by_hand(const ask_step& step);
  void sample();
  void advance_to(timestamp limit);
  bool advance_until(timestamp limit, const std::function<bool()>& done);
  [[nodiscard]] bool nodes_at_rest();
  [[nodiscard]] bool at_rest();
  [[nodiscard]] std::string restless();
  void check_undisturbed();
  void check_expectations();
  void broken(std::string invariant, std::string what) {
    outcome_.violations.push_back({std::move(invariant), std::move(what), now()});
    tell_violations();
  }
  void tell_violations();
  [[nodiscard]] timestamp now() { return world_.time().now(); }
  [[nodiscard]] client_surroundings clients_world() {
    return {what_, world_, outcome_.what_happened, contracts_, seen_.history, outcome_.violations};
  }

  const plan& what_;
  run_outcome outcome_;
  const std::vector<const schema::aggregate_contract*> contracts_;
  world world_;
  fault_driver faults_;
  std::vector<std::unique_ptr<checker>> checkers_;
  std::vector<std::unique_ptr<client>> clients_;
  observations seen_;
  scoreboard board_;
  timestamp began_;
  std::uint64_t next_sample_ = 0;
  std::size_t told_ = 0;  ///< violations that are in the trace
  bool runaway_ = false;
};

void runner::committed(observed_record record) {
  std::string text = std::string(record.entity.type_and_id()) + " v" + std::to_string(record.version);
  for (const auto& event : record.events) text += " " + std::string(event.name);
  const bool is_saga = record.entity.type() == "saga";
  outcome_.what_happened.add(now(), is_saga ? trace_kind::saga : trace_kind::commit,
                             world_.nodes()[record.node]->name(), text);
  board_.add(record);
  faults_.on_record(record);
  for (const auto& one : checkers_) one->on_record(record, outcome_.violations);
  tell_violations();
}

/// Puts those that are new into the trace, whoever found them.
void runner::tell_violations() {
  for (; told_ < outcome_.violations.size(); ++told_)
    outcome_.what_happened.add(now(), trace_kind::check, outcome_.violations[told_].invariant, outcome_.violations[told_].what);
}

void runner::sample() {
  if (world_.steps() < next_sample_) return;
  next_sample_ = world_.steps() + steps_between_samples;
  for (const auto& node : world_.nodes()) {
    if (!node->up()) continue;
    const auto load = node->load();
    for (const auto& one : checkers_) one->on_load(load, now(), outcome_.violations);
    seen_.loads.push_back(load);
  }
  tell_violations();
  if (world_.steps() <= what_.steps_max || runaway_) return;
  runaway_ = true;
  broken("runaway", "the run takes more than " + std::to_string(what_.steps_max) + " steps");
}

bool runner::advance_until(timestamp limit, const std::function<bool()>& done) {
  while (!runaway_ && !done()) {
    if (!world_.step(limit)) return done();
    sample();
  }
  return !runaway_;
}

void runner::advance_to(timestamp limit) {
  static_cast<void>(advance_until(limit, [] { return false; }));
}

bool runner::nodes_at_rest() {
  return world_.at_rest();
}

bool runner::at_rest() {
  return std::ranges::all_of(clients_, [](const auto& one) { return one->done(); }) && board_.sagas_under_way().empty() &&
         nodes_at_rest();
}

std::string runner::restless() {
  std::string who;
  const auto add = [&](const std::string& one) { who += (who.empty() ? "" : ", ") + one; };
  for (const auto& [node, saga] : board_.sagas_under_way()) add(std::string(saga.type_and_id()));
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (!clients_[i]->done() && i < what_.clients.size()) add("client " + what_.clients[i].name);
  for (const auto& one : world_.nodes())
    if (world_.belongs(*one) && !one->at_rest()) add(one->name());
  return who;
}

result<void> runner::prepare() {
  BV_ASSIGN(checkers_, make_checkers(what_));
  for (const auto& script : what_.clients) {
    BV_ASSIGN(auto made, client::make(script, clients_world()));
    clients_.push_back(std::move(made));
  }
  for (const auto& fault : what_.faults) {
    if (fault.node >= what_.where.nodes && fault.node != the_leader)
      return failure(error_kind::invalid, "plan_node_unknown", "a fault strikes a node that is not there");
    if (const auto* by_hand = std::get_if<command_fault>(&fault.what))
      BV_TRY(client::make({.name = "operator", .user = {}, .steps = {by_hand->what}}, clients_world()));
  }
  for (const auto& node : world_.nodes()) BV_TRY(node->start());
  return {};
}

/// Products and their stock, by a client whom nothing disturbs.
bool runner::fill_shelves() {
  std::vector<std::unique_ptr<client>> stockists;
  for (std::uint16_t node = 0; node < what_.where.nodes; ++node) {
    if (what_.where.shop_of(node) != node) continue;
    const auto script = stockist_of(what_, node);
    auto made = client::make(script, clients_world());
    if (!made) return broken("settles", describe(made.error())), false;
    stockists.push_back(*std::move(made));
  }
  const bool served = advance_until(now() + undisturbed_max, [&] { return nodes_at_rest(); });
  for (const auto& one : stockists) one->start();
  const bool filled = served && advance_until(now() + undisturbed_max, [&] {
    return std::ranges::all_of(stockists, [](const auto& one) { return one->done(); }) && nodes_at_rest();
  });
  for (auto& one : stockists) clients_.push_back(std::move(one));
  if (!filled) broken("settles", "the shelves can't be filled: " + restless());
  return filled;
}

void runner::disturb() {
  began_ = now();
  outcome_.what_happened.add(now(), trace_kind::node, "world", "begins");
  for (std::size_t i = 0; i < what_.clients.size(); ++i)
    world_.time().after(what_.clients[i].start, [one = clients_[i].get()] { one->start(); });
  for (const auto& node : world_.nodes()) outcome_.journal_writes.push_back(node->disk().writes());
  faults_.arm();
  advance_to(began_ + what_.time.warm_up + what_.time.chaos);
  for (std::size_t i = 0; i < world_.nodes().size(); ++i)
    outcome_.journal_writes[i] = world_.nodes()[i]->disk().writes() - outcome_.journal_writes[i];
  faults_.heal();
}

void runner::settle() {
  const auto rest = [this] { return at_rest(); };
  bool rests = advance_until(now() + what_.time.settle_max, rest);
  if (rests && what_.time.linger > duration::zero()) {
    advance_to(now() + what_.time.linger);
    rests = advance_until(now() + what_.time.settle_max, rest);
  }
  if (rests) return;
  // Who is not answered is why, if anybody is.
  for (const auto& node : world_.nodes())
    for (const auto& one : node->unanswered_for(answer_max)) broken("answered", node->name() + " never answers " + one);
  broken("settles", "still not at rest: " + restless());
}

void runner::restart_all() {
  for (const auto& node : world_.nodes()) {
    if (node->up()) node->crash(unsynced::lost);
    if (const auto started = node->start(); !started)
      broken("node_starts", node->name() + " does not start again: " + describe(started.error()));
  }
  if (!advance_until(now() + undisturbed_max, [&] { return at_rest(); }))
    broken("settles", "not at rest after a last restart: " + restless());
}

/// Between nodes of a cluster the lead may still move: then it asks again.
void runner::look_at(std::uint16_t number, const entity_key& entity, const std::shared_ptr<bool>& seen) {
  speaker_of(number).view({.entity = entity}, [this, seen, number, entity](result<runtime::entity_view> got) {
    if (!got && what_.where.clustered() && got.error().kind == error_kind::unavailable)
      return world_.time().after(100ms, [this, seen, number, entity] { look_at(number, entity, seen); });
    *seen = true;
    if (!got) return broken("answered", entity.text() + " can't be looked at: " + describe(got.error()));
    seen_.states.push_back({number, entity, got->version, std::move(got->state)});
  });
}

void runner::look_at_all() {
  for (const auto& [number, entity] : board_.entities()) {
    const auto& node = speaker_of(number);
    // In a cluster the lead may be on its way to whoever should have it.
    if (what_.where.clustered()) advance_until(now() + undisturbed_max, [&] { return node.serving(); });
    if (!node.serving()) continue;
    // One after the other: a run's limits may be small. Shared: an answer may come when this is over.
    const auto seen = std::make_shared<bool>(false);
    look_at(number, entity, seen);
    if (!advance_until(now() + undisturbed_max, [&] { return *seen; })) return broken("answered", "nobody says what " + entity.text() + " is");
  }
  std::ranges::sort(seen_.states, [](const auto& a, const auto& b) {
    return std::tie(a.node, a.entity) < std::tie(b.node, b.entity);
  });
  for (const auto& node : world_.nodes()) {
    if (!node->up() || !world_.belongs(*node)) continue;
    auto records = node->read_disk();
    if (!records) {
      broken("log_sound", node->name() + "'s journal can't be read: " + describe(records.error()));
      continue;
    }
    if (what_.where.clustered() && node.get() != &world_.first_that_belongs()) continue;  // it was compared
    for (auto& one : *records) seen_.records.push_back(std::move(one));
  }
  board_.order(seen_.records);
}

/// Reads every read model as it is, has it computed anew, and reads it again.
void runner::rebuild_read_models() {
  const auto read = [this](std::uint16_t number, auto see) {
    const auto models = world_.nodes()[number]->read_models();
    if (!models) return broken("read_models_follow", world_.nodes()[number]->name() + ": " + describe(models.error()));
    for (const auto& [name, rows] : *models) see(name, rows);
  };
  for (std::uint16_t number = 0; number < world_.nodes().size(); ++number) {
    auto& node = *world_.nodes()[number];
    if (!node.serving() || !world_.belongs(node)) continue;
    const auto first = seen_.read_models.size();
    read(number, [&](const auto& name, const auto& rows) { seen_.read_models.push_back({number, name, rows, {}}); });
    node.rebuild_read_models();
    if (!advance_until(now() + undisturbed_max, [&] { return !node.rebuilding() && node.at_rest(); }))
      return broken("read_models_follow", node.name() + " does not get to the end of computing its read models anew");
    auto next = seen_.read_models.begin() + static_cast<std::ptrdiff_t>(first);
    read(number, [&](const auto&, const auto& rows) { (next++)->anew = rows; });
  }
}

void runner::stop_all() {
  const auto running = std::make_shared<std::size_t>(0);
  for (const auto& node : world_.nodes())
    if (node->up()) {
      ++*running;
      node->stop([running] { --*running; });
    }
  if (!advance_until(now() + undisturbed_max, [&] { return *running == 0; })) return broken("stops", "a node does not stop");
  for (const auto& node : world_.nodes())
    if (node->up())
      if (const auto closed = node->close(); !closed) broken("stops", node->name() + ": " + describe(closed.error()));
}

/// Whom nothing disturbs need not ask twice, if a few messages and writes fit into the client's patience.
void runner::check_undisturbed() {
  const auto usual = 2 * what_.network.delay.max + 4 * what_.journal_write.max + 500ms;
  const bool narrow = what_.bounds.in_flight_per_shard_max < runtime::limits{}.in_flight_per_shard_max;
  if (!what_.faults.empty() || what_.network.loss_percent > 0 || narrow || what_.clients_patience.answer_within < usual) return;
  const auto slow = std::ranges::find_if(seen_.history, [](const operation& one) { return one.attempts > 1; });
  if (slow != seen_.history.end())
    broken("undisturbed", "nothing went wrong, and yet " + slow->client + " had to ask " + slow->entity.text() + " " +
                              std::to_string(slow->attempts) + " times");
}

void runner::check_expectations() {
  for (const auto& wanted : what_.expectations) {
    const auto found = std::ranges::find_if(seen_.states, [&](const auto& one) {
      return one.entity.type_and_id() == wanted.entity;
    });
    std::optional<std::string> value;
    if (found != seen_.states.end()) {
      const auto* const contract = find_contract(contracts_, found->entity.type());
      if (const auto json = schema::to_json(contract->state(), found->state)) value = json_field(*json, wanted.path);
    }
    if (!value || std::ranges::find(wanted.values, *value) == wanted.values.end())
      broken("expected", wanted.entity + " " + wanted.path + " is " + value.value_or("not there") + " at the end, not " +
                             wanted.values.front());
  }
}

void runner::judge() {
  seen_.now = now();
  seen_.processor = world_.processor().books();
  check_undisturbed();
  check_expectations();
  for (const auto& one : checkers_) one->at_end(seen_, outcome_.violations);
  tell_violations();

  bytes all;
  for (const auto& record : seen_.records) {
    all += record.entity.text();
    all += std::to_string(record.version);
    for (const auto& event : record.events) all += event.payload;
  }
  outcome_.digest = to_hex(hash128(all));
  outcome_.hash = outcome_.what_happened.hash();
  outcome_.began = began_;
  outcome_.virtual_time = now() - began_;
  outcome_.turns = world_.turns();
  outcome_.events = world_.time().done();
  outcome_.sagas_ended = board_.sagas_ended();
  for (const auto& one : seen_.history) {
    if (one.command.empty()) continue;
    outcome_.commands_accepted += std::holds_alternative<operation::accepted>(one.outcome);
    outcome_.commands_refused += std::holds_alternative<operation::refused>(one.outcome);
    outcome_.commands_unknown += std::holds_alternative<operation::unknown>(one.outcome);
  }
}

void runner::send_by_hand(const ask_step& step) {
  auto made = client::make({.name = "operator-" + std::to_string(clients_.size()), .user = {}, .steps = {step}}, clients_world());
  if (!made) return broken("settles", describe(made.error()));  // prepare() has tried it
  clients_.push_back(*std::move(made));
  clients_.back()->start();
}

result<run_outcome> runner::go() {
  BV_TRY(prepare());
  if (fill_shelves()) {
    disturb();
    settle();
    restart_all();
    look_at_all();
    rebuild_read_models();
    stop_all();
  }
  judge();
  return std::move(outcome_);
}

}  // namespace

result<run_outcome> run(const plan& what, const run_options& options) { return runner(what, options).go(); }

}  // namespace bv::sim
