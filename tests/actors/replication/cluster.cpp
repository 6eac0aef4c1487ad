#include "tests/actors/replication/cluster.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "storage/batch.hpp"

namespace bv::replication {
namespace {

constexpr storage::shard_id shard{};
constexpr timestamp beginning{1'700'000'000'000'000'000};

}  // namespace

group_options quick_group() {
  group_options made;
  made.consensus = {.election_timeout_ms = 150, .heartbeat_ms = 30, .lost_leader_ms = 60, .retained_entries = 12};
  made.feed = {.chunk_bytes = 1000, .window_bytes = 4000, .resend_after_ms = 100};
  made.message_bytes_max = 600;
  made.send_bytes_max = 3000;
  made.cache_bytes_max = 8000;
  return made;
}

// --- replica -------------------------------------------------------------------------------------------------------

replica::replica(cluster& w, server_id who)
    : id(who), world(w), lots_(runtime::derive_seed(w.with.seed, "server " + std::to_string(who.value))) {
  store = *storage::open_memory_store(disk);
}

void replica::start(const std::optional<configuration>& founders) {
  begin([&] { return group->start(founders); });
}

void replica::start_with_history(const configuration& founders) {
  begin([&] { return group->start_with_history(founders).map([](bool) {}); });
}

void replica::begin(const std::function<result<void>()>& how) {
  group = std::make_unique<raft_group>(shard, id, raft_group::environment{*store.log, *this, *this, *this}, world.with.group);
  store.log->listen(shard, *this);
  const auto started = how();
  if (!started) world.violate("server " + std::to_string(id.value) + " does not start: " + describe(started.error()));
  const auto known = group->status().raft.committed;
  if (known > committed) world.check_committed(*this, committed.next(), known);
  committed = std::max(committed, known);
  write_later();
}

void replica::on_durable(storage::shard_id, storage::log_index index) {
  post([this, index] { group->on_durable(index); });
}

void replica::on_failed(storage::shard_id, storage::log_index, const error& why) {
  post([this, why] { group->on_journal_failed(why); });
}

void replica::crash() {
  ++incarnation_;
  writing_ = serving = false;
  proposed_.clear();
  committed = {};
  group.reset();
  disk.crash();
  store = {};
  store = *storage::open_memory_store(disk);
}

result<void> replica::propose(std::size_t size) {
  storage::batch_builder builder(group->next_index(), group->next_offset());
  const auto event = std::to_string(world.lots.next()) + std::string(size, 'x');
  builder.add({.entity = "default/cart/a", .version = 1}, std::vector<storage::event_view>{{1, event}});
  auto data = std::make_shared<const bytes>(std::move(builder).finish(group->term(), world.time.now()));
  const auto index = group->next_index();
  proposed_[index] = *data;
  auto outcome = group->propose(std::move(data));
  if (!outcome) proposed_.erase(index);
  write_later();
  return outcome;
}

bytes replica::durable_at(storage::log_index index) const {
  const auto bounds = store.log->bounds(shard);
  if (index < bounds.first || index > bounds.last) return {};
  return store.log->read(shard, index, 1)->front().data;
}

void replica::post(std::function<void()> action) {
  world.time.after({}, [this, incarnation = incarnation_, action = std::move(action)] {
    if (incarnation != incarnation_) return;
    action();
    write_later();
  });
}

void replica::write_later() {
  if (writing_ || disk_stuck || disk.queued() == 0) return;
  writing_ = true;
  const auto spread = static_cast<std::uint64_t>((world.with.disk_most - world.with.disk_least).count()) + 1;
  const auto takes = world.with.disk_least + duration{static_cast<std::int64_t>(lots_.below(spread))};
  world.time.after(takes, [this, incarnation = incarnation_] {
    if (incarnation != incarnation_) return;
    writing_ = false;
    disk.commit(1 + lots_.below(disk.queued()));
    write_later();
  });
}

std::uint64_t replica::now_ms() { return static_cast<std::uint64_t>((world.time.now() - beginning).count()) / 1'000'000; }

void replica::send(message what) {
  world.check_sent(*this, what);
  ++world.messages;
  if (world.passes && !world.passes(what)) return;
  const auto to = what.receiver;
  // Through its bytes, as between machines.
  auto data = encoded::encode(what);
  world.net.send(std::to_string(id.value), std::to_string(to), "", [&w = world, to, data = std::move(data)] {
    auto& target = w.at(to);
    if (!target.up()) return;
    message arrived;
    if (!encoded::decode(data, arrived)) return w.violate("a message does not decode");
    target.group->receive(std::move(arrived));
    target.write_later();
  });
}

void replica::on_committed(storage::log_index index) {
  if (index <= committed) world.violate("commits do not ascend");
  world.check_committed(*this, committed.next(), index);
  committed = index;
  for (; !proposed_.empty() && proposed_.begin()->first <= index; proposed_.erase(proposed_.begin())) {
    const auto& [at, data] = *proposed_.begin();
    if (world.committed[at] != data) world.violate("an acknowledged batch is not what is committed");
    ++world.acknowledged;
  }
}

void replica::on_leader(storage::term_number term, storage::log_index next) {
  serving = true;
  ++leaderships;
  world.check_leader(*this, term);
  if (next != group->next_index()) world.violate("a leader is told a wrong next index");
}

void replica::on_follower(server_id) {
  serving = false;
  proposed_.clear();
}

void replica::on_log_truncated(storage::log_index from) {
  ++truncations;
  if (from <= committed) world.violate("server " + std::to_string(id.value) + " truncates what is committed");
}

void replica::on_configuration(const configuration& now, storage::log_index, bool) { members = now; }
void replica::on_feed_failed(server_id, const error& why) { feed_failures.push_back(why); }
void replica::on_failed(const error& why) { failed = why; }

// --- cluster -------------------------------------------------------------------------------------------------------

cluster::cluster(const cluster_conditions& conditions)
    : with(conditions),
      time(beginning),
      log({}),
      net(time, log, runtime::derive_seed(conditions.seed, "network"), conditions.links),
      lots(runtime::derive_seed(conditions.seed, "world")) {}

cluster::~cluster() {
  // What is queued must reach no listener that is gone.
  for (auto& one : servers) {
    one->group.reset();
    one->disk.crash();
  }
}

void cluster::found(std::size_t count) {
  configuration founders;
  for (std::uint64_t i = 1; i <= count; ++i) founders.servers.push_back({i, server_role::voter});
  for (std::size_t i = 0; i < count; ++i) add_server();
  for (auto& one : servers) one->start(founders);
}

replica& cluster::add_server() {
  servers.push_back(std::make_unique<replica>(*this, server_id{servers.size() + 1}));
  tick_later(servers.size() - 1);
  return *servers.back();
}

void cluster::tick_later(std::size_t index) {
  time.after(with.tick, [this, index] {
    if (servers[index]->up()) servers[index]->post([who = servers[index].get()] { who->group->tick(); });
    tick_later(index);
  });
}

replica* cluster::leader() {
  replica* found = nullptr;
  for (auto& one : servers)
    if (one->leads() && (!found || found->group->term() < one->group->term())) found = one.get();
  return found;
}

void cluster::run_for(duration lasts) {
  run_until([] { return false; }, lasts);
}

bool cluster::run_until(const std::function<bool()>& come_true, duration at_most) {
  const auto end = time.now() + at_most;
  while (violations.empty()) {
    if (come_true()) return true;
    const auto next = time.next();
    if (!next || *next > end) break;
    time.pass_to(*next);
    time.run_one();
    for (const auto& one : servers)
      if (one->up()) {
        const auto now = one->group->status().raft;
        if (now.is == standing::leader) check_leader(*one, now.term);
      }
  }
  if (time.now() < end && violations.empty()) time.pass_to(end);
  return false;
}

bool cluster::await_leader(duration at_most) {
  return run_until([this] { return leader() != nullptr; }, at_most);
}

bool cluster::await_agreement(duration at_most) {
  return run_until(
      [this] {
        const auto* const first = leader();
        if (!first) return false;
        const auto now = first->group->status();
        return now.raft.committed == now.raft.last && std::ranges::all_of(servers, [&](const auto& one) {
                 const auto* const found = member(now.members, one->id);
                 if (!found || found->role == server_role::observer) return true;
                 return one->up() && one->committed == now.raft.last;
               });
      },
      at_most);
}

void cluster::violate(std::string what) {
  violations.push_back("seed " + std::to_string(with.seed) + ", " + to_rfc3339(time.now()) + ": " + std::move(what));
}

void cluster::cut(server_id from, server_id to) {
  auto conditions = with.links;
  conditions.cut = true;
  net.set(std::to_string(from.value), std::to_string(to.value), conditions);
}

void cluster::tell_link(server_id who, bool up) {
  for (const auto& other : servers)
    if (other->id != who && other->up()) other->post([to = other.get(), who, up] { to->group->on_link(who, up); });
}

void cluster::isolate(server_id who) {
  for (const auto& other : servers)
    if (other->id != who) {
      cut(who, other->id);
      cut(other->id, who);
    }
}

void cluster::check_committed(replica& teller, storage::log_index from, storage::log_index to) {
  for (auto at = from; at <= to; at = at.next()) {
    const auto data = teller.durable_at(at);
    if (data.empty()) return violate("batch " + std::to_string(at.value) + " is committed and not on the teller's disk");
    const auto known = committed.find(at);
    if (known != committed.end()) {
      if (known->second != data) return violate("batch " + std::to_string(at.value) + " is committed with two contents");
      continue;
    }
    const auto members = teller.group->status().members;
    const auto holders = std::ranges::count_if(
        servers, [&](const auto& one) { return votes(members, one->id) && one->durable_at(at) == data; });
    if (static_cast<std::size_t>(holders) <= voters_of(members) / 2 && at > given)
      violate("batch " + std::to_string(at.value) + " is told committed by " + std::to_string(teller.id.value) + " and on " +
              std::to_string(holders) + " voters' disks");
    committed[at] = data;
  }
}

void cluster::check_leader(const replica& who, storage::term_number term) {
  const auto [known, is_new] = leaders.try_emplace(term.value, who.id);
  if (known->second != who.id) violate("term " + std::to_string(term.value) + " has two leaders");
  if (!is_new || !who.serving) return;
  for (const auto& [index, data] : committed)
    if (who.durable_at(index) != data) return violate("a leader does not have committed batch " + std::to_string(index.value));
}

void cluster::check_sent(const replica& sender, const message& what) {
  const auto hard = *sender.store.log->read_hard_state(shard);
  const auto durable_term = [&](std::uint64_t term) {
    if (hard.term.value < term && sender.durable_last().value > 0 && term > 1)
      violate("server " + std::to_string(sender.id.value) + " speaks of a term that is not on its disk");
  };
  if (const auto* const vote = std::get_if<vote_answer>(&what.body); vote && vote->granted && !vote->pre_vote) {
    durable_term(vote->term);
    if (hard.vote != what.receiver) violate("a vote leaves before it is on the disk");
    const auto cast = ballots.try_emplace({vote->term, what.sender}, what.receiver).first;
    if (cast->second != what.receiver) violate("a server votes twice in term " + std::to_string(vote->term));
  }
  if (const auto* const asks = std::get_if<vote_request>(&what.body); asks && !asks->pre_vote) {
    durable_term(asks->term);
    const auto cast = ballots.try_emplace({asks->term, what.sender}, what.sender).first;
    if (cast->second != what.sender) violate("a candidate has voted for another in term " + std::to_string(asks->term));
  }
  if (const auto* const request = std::get_if<append_request>(&what.body);
      request && request->committed > request->previous_index + request->entries.size())
    violate("a message commits more than it vouches for");
  if (const auto* const answer = std::get_if<append_answer>(&what.body)) {
    durable_term(answer->term);
    if (answer->rejected != 0) return;
    const storage::log_index last{answer->last_index};
    if (last > sender.durable_last()) violate("a success is told before it is durable");
    const auto& asker = *servers.at(what.receiver - 1);
    if (!asker.up() || asker.group->status().raft.term.value != answer->term) return;
    const auto theirs = asker.durable_at(last);
    if (!theirs.empty() && theirs != sender.durable_at(last)) violate("a success is told of what the leader does not have");
  }
}

void sound(const cluster& world) {
  for (const auto& line : world.violations) MESSAGE(line);
  CHECK(world.violations.empty());
}

void write(cluster& world, int count) {
  for (int i = 0; i < count; ++i) {
    if (auto* const leader = world.leader()) (void)leader->propose();
    world.run_for(std::chrono::milliseconds{1});
  }
}

result<void> change(cluster& world, const std::function<void(raft_group&, change_handler)>& ask) {
  std::optional<result<void>> outcome;
  ask(*world.leader()->group, [&](result<void> done) { outcome = std::move(done); });
  world.run_until([&] { return outcome.has_value(); }, std::chrono::seconds{20});
  if (!outcome) return failure(error_kind::timeout, "never", "the change did not end");
  return *outcome;
}

replica& follower_of(cluster& world) {
  const auto* const leader = world.leader();
  return **std::ranges::find_if(world.servers, [&](const auto& one) { return one.get() != leader; });
}

void read_at(cluster& world, replica& where) {
  const auto least = world.newest_committed();
  where.group->read_barrier([&world, least](const result<storage::log_index>& index) {
    if (!index) return;
    ++world.reads;
    if (*index < least) world.violate("a read is stale: " + std::to_string(index->value) + " before " + std::to_string(least.value));
  });
}

}  // namespace bv::replication
