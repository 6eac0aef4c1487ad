#include "sim/world/world.hpp"

#include <algorithm>
#include <filesystem>

#include "protocols/schema/base/assert.hpp"

namespace bv::sim {
namespace {

/// When worlds begin: 2030-01-01T00:00:00Z.
constexpr timestamp beginning{1'893'456'000'000'000'000};

}  // namespace

world::world(const plan& what, trace& log, const std::string& folder, hooks with)
    : log_(log),
      lots_(runtime::derive_seed(what.seed, "world")),
      time_(beginning),
      net_(time_, log, runtime::derive_seed(what.seed, "network"), what.network),
      processor_(time_, log, net_, what),
      replicas_(std::min(what.where.replicas, what.where.nodes), std::move(with.disagreed)) {
  for (std::uint16_t i = 0; i < what.where.nodes; ++i)
    nodes_.push_back(std::make_unique<sim_node>(
        i, sim_node::surroundings{.what = what,
                                  .time = time_,
                                  .log = log,
                                  .processor = processor_,
                                  .committed = with.committed,
                                  .write_begun = with.write_begun,
                                  .folder = folder.empty() ? folder : folder + "/n" + std::to_string(i + 1),
                                  .net = &net_,
                                  .board = &board_,
                                  .replicas = what.where.clustered() ? &replicas_ : nullptr}));
}

world::~world() = default;

runtime::roster::view_ptr world::newest_members() const {
  runtime::roster::view_ptr newest;
  for (const auto& each : nodes_)
    if (const auto known = each->members(); known && (!newest || known->version > newest->version)) newest = known;
  return newest;
}

bool world::belongs(const sim_node& one) const {
  const auto known = newest_members();
  return !known || (one.seated() && runtime::members::find(known->state, one.id().value) != nullptr);
}

sim_node& world::first_that_belongs() const {
  const auto found = std::ranges::find_if(nodes_, [this](const auto& one) { return belongs(*one); });
  BV_ASSERT(found != nodes_.end(), "a cluster has nodes");
  return **found;
}

namespace {

/// Nobody has anything to change about it.
bool at_rest(const runtime::roster::view& cluster) {
  using runtime::members::standing;
  const auto& now = cluster.state;
  return cluster.version > 0 && !now.balancing && runtime::members::unsettled(now) == 0 &&
         std::ranges::none_of(now.nodes, [](const auto& one) { return one.standing == standing::lost || one.standing >= standing::leaving; });
}

}  // namespace

bool world::at_rest() const {
  if (const auto known = newest_members(); known && !sim::at_rest(*known)) return false;
  std::optional<std::vector<storage::log_index>> first;
  for (const auto& one : nodes_) {
    if (!belongs(*one)) continue;
    if (!one->at_rest()) return false;
    const auto level = one->level();
    if (!level || (first && level != first)) return false;
    first = level;
  }
  return true;
}

sim_node* world::next_to_move() {
  sim_node* chosen = nullptr;
  std::uint64_t candidates = 0;
  for (const auto& one : nodes_)
    if (!one->idle() && (++candidates == 1 || lots_.below(candidates) == 0)) chosen = one.get();
  return chosen;
}

bool world::step(timestamp limit) {
  if (auto* const node = next_to_move()) {
    const auto actor = node->run_one();
    ++turns_;
    log_.turn(time_.now(), static_cast<std::uint16_t>(std::ranges::find_if(nodes_, [&](const auto& one) {
                return one.get() == node;
              }) - nodes_.begin()), actor.value_or(0));
    return true;
  }
  if (time_.run_one()) return true;
  auto next = time_.next();
  for (const auto& one : nodes_)
    if (const auto due = one->next_due(); due && (!next || *due < *next)) next = due;
  const bool within = next && *next <= limit;
  time_.pass_to(std::max(time_.now(), within ? *next : limit));
  for (const auto& one : nodes_) one->pass_to(time_.now());
  return within;
}

void world::run_until(timestamp limit) {
  while (step(limit)) {
  }
}

bool world::run_until(timestamp limit, const std::function<bool()>& done) {
  while (!done())
    if (!step(limit)) return done();
  return true;
}

}  // namespace bv::sim
