#include "tests/protocols/http/fake_node.hpp"

#include <algorithm>

#include "protocols/schema/contract.hpp"
#include "tests/actors/no_facts.hpp"

namespace bv::http::test {
namespace {

}  // namespace

fake_node::fake_node(std::vector<std::shared_ptr<const runtime::aggregate_type>> types)
    : types_(std::move(types)), logs_(shards), dropped_(shards), thread_([this] {
        for (;;) {
          std::function<void()> job;
          {
            std::unique_lock lock(jobs_guard_);
            jobs_changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
          }
          job();
        }
      }) {}

fake_node::~fake_node() {
  {
    const std::lock_guard lock(jobs_guard_);
    stopping_ = true;
  }
  jobs_changed_.notify_all();
  thread_.join();
}

void fake_node::later(std::function<void()> job) {
  const std::lock_guard lock(jobs_guard_);
  jobs_.push_back(std::move(job));
  jobs_changed_.notify_one();
}

storage::shard_id fake_node::shard_of(const entity_key& key) {
  return storage::shard_id{static_cast<std::uint16_t>(hash64(key.type_and_id()) % shards)};
}

const runtime::aggregate_type* fake_node::type_of(const entity_key& key) const {
  for (const auto& one : types_)
    if (one->contract().name() == key.type()) return one.get();
  return nullptr;
}

fake_node::entity& fake_node::find(const entity_key& key) {
  auto& one = entities_[key];
  if (!one.state) one.state = type_of(key)->create();
  return one;
}

result<runtime::receipt> fake_node::decide(const runtime::command_request& request) {
  last_ = request;
  if (failing_) return failure(*failing_);
  auto& one = find(request.entity);
  const auto body = hash64(request.command);
  if (const auto seen = one.remembered.find(request.command_id);
      !request.command_id.empty() && seen != one.remembered.end()) {
    if (seen->second.first != body)
      return failure(error_kind::conflict, "command_id_reused", "the id was used for another command");
    auto again = seen->second.second;
    again.repeated = true;
    return again;
  }
  if (request.expected_version && *request.expected_version != one.version)
    return failure(error_kind::precondition_failed, "version_mismatch", "the version is another");
  const bv::test::no_facts facts;
  const runtime::context about{{1'700'000'000'000'000'000},
                               request.entity,
                               one.version,
                               request.from.principal,
                               request.command_id,
                               1,
                               facts};
  BV_ASSIGN(const auto events, type_of(request.entity)->handle(*one.state, request.command, about));
  const auto shard = shard_of(request.entity);
  auto& log = logs_[shard.value];
  runtime::receipt receipt;
  for (const auto& event : events) {
    receipt.events.push_back(event.ordinal);
    log.push_back({shard, storage::event_offset{log.size() + 1}, request.entity, ++one.version, event.ordinal,
                   event.payload, about.now, request.from.principal, request.from.trace,
                   request.from.correlation});
  }
  receipt.version = one.version;
  if (!request.command_id.empty()) one.remembered[request.command_id] = {body, receipt};
  return receipt;
}

void fake_node::ask(runtime::command_request request, runtime::receipt_handler answer) {
  later([this, request = std::move(request), answer = std::move(answer)] {
    std::unique_lock lock(guard_);
    auto outcome = decide(request);
    // Under the lock: whoever gives its handle back is not called any more.
    for (const auto& [id, grown] : followers_) grown(shard_of(request.entity), runtime::event_kinds::all());
    lock.unlock();
    answer(std::move(outcome));
  });
}

void fake_node::view(runtime::view_request request, runtime::view_handler answer) {
  later([this, request = std::move(request), answer = std::move(answer)] {
    std::unique_lock lock(guard_);
    last_wanted_ = request.wanted;
    if (failing_) {
      lock.unlock();
      return answer(failure(*failing_));
    }
    auto& one = find(request.entity);
    runtime::entity_view seen{one.version, type_of(request.entity)->encode(*one.state)};
    if (request.wanted == runtime::consistency::stale) seen.stale = staleness_;
    lock.unlock();
    answer(std::move(seen));
  });
}

result<runtime::event_page> fake_node::read(storage::shard_id shard, storage::event_offset after,
                                            std::size_t size_bytes_max, std::span<const runtime::event_interest> wanted) {
  const std::lock_guard lock(guard_);
  ++reads_;
  if (after < dropped_[shard.value])
    return failure(error_kind::not_found, "offset_dropped",
                   "the first event kept is " + std::to_string(dropped_[shard.value].value + 1));
  runtime::event_page page;
  page.through = after;
  std::size_t size = 0;
  const auto& log = logs_[shard.value];
  for (auto at = after.value; at < log.size() && size < size_bytes_max; ++at) {
    if (runtime::wanted(wanted, log[at].entity.type(), log[at].ordinal))
      page.events.push_back(log[at]);
    page.through = log[at].offset;
    size += log[at].payload.size();
  }
  page.at_end = page.through.value == log.size();
  return page;
}

storage::event_offset fake_node::end(storage::shard_id shard) const {
  const std::lock_guard lock(guard_);
  return storage::event_offset{logs_[shard.value].size()};
}

result<std::vector<runtime::logged_event>> fake_node::history(const entity_key& entity,
                                                              std::uint64_t after_version,
                                                              std::size_t count_max) {
  const std::lock_guard lock(guard_);
  std::vector<runtime::logged_event> found;
  for (const auto& event : logs_[shard_of(entity).value])
    if (event.entity == entity && event.version > after_version && found.size() < count_max)
      found.push_back(event);
  return found;
}

std::shared_ptr<void> fake_node::follow(growth_handler grown) {
  const std::lock_guard lock(guard_);
  const int id = next_follower_++;
  followers_[id] = std::move(grown);
  return {this, [id](fake_node* of) {
            const std::lock_guard gone(of->guard_);
            of->followers_.erase(id);
          }};
}

void fake_node::fail_with(std::optional<error> why) {
  const std::lock_guard lock(guard_);
  failing_ = std::move(why);
}

void fake_node::stand(runtime::staleness how) {
  const std::lock_guard lock(guard_);
  staleness_ = how;
}

runtime::consistency fake_node::last_wanted() const {
  const std::lock_guard lock(guard_);
  return last_wanted_;
}

runtime::command_request fake_node::last_request() const {
  const std::lock_guard lock(guard_);
  return last_;
}

void fake_node::drop_through(storage::shard_id shard, storage::event_offset through) {
  const std::lock_guard lock(guard_);
  dropped_[shard.value] = through;
}

std::size_t fake_node::reads() const {
  const std::lock_guard lock(guard_);
  return reads_;
}

}  // namespace bv::http::test
