#include "actors/runtime/request_forwarder.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocols/schema/base/mutation.hpp"

namespace bv::runtime {
namespace {

error no_leader() {
  return {error_kind::unavailable, "no_leader",
          "no node leads the shard now, or it can't be reached from here; ask again, with the same command id", {}, 1000};
}

error link_lost() {
  return {error_kind::timeout, "link_lost",
          "the node that leads the shard went away; it may or may not have happened: ask again, with a command id", {}, 100};
}

error late() {
  return {error_kind::timeout, "deadline_passed",
          "no answer inside the deadline; asking again with the same command id is safe"};
}

std::uint32_t remaining_ms(timestamp deadline, timestamp now) {
  const auto left = (deadline - now).count() / 1'000'000;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<std::uint32_t>::max()));
}

/// Nothing was done, and another node, or this one a little later, may do it.
bool not_done(const error& why) { return why.kind == error_kind::unavailable; }
/// It may have been done, by a leader that is none any more.
bool outcome_unknown(const error& why) { return why.code == "leadership_lost" || why.code == "link_lost"; }

}  // namespace

request_forwarder::request_forwarder(node_id self, std::uint64_t first_number, environment around)
    : self_(self), around_(std::move(around)), next_number_(first_number), leaderless_since_(around_.time.now()) {}

timestamp request_forwarder::deadline_of(const request& what) {
  return std::visit([](const auto& one) { return one.request.deadline; }, what);
}

bool request_forwarder::repeatable(const request& what) {
  const auto* const command = std::get_if<admitted_command>(&what);
  return !command || !command->request.command_id.empty();
}

void request_forwarder::deliver(request what) {
  const auto now = around_.time.now();
  const auto number = next_number_++;
  const auto at = waiting_.emplace(number, waiting_request{std::move(what), {}, now, first_pause}).first;
  if (leader_.value > 0) {
    send(number, at->second);
  } else if (now - leaderless_since_ > leaderless_max) {
    finish(at, failure(no_leader()));
  }
}

/// False if it has to wait.
bool request_forwarder::send(std::uint64_t number, waiting_request& one) {
  one.sent_to = {};
  if (leader_.value == 0 || leader_ == self_) return false;
  if (!around_.send(leader_, to_frame(number, one.what, around_.time.now()))) {
    again(one);
    return false;
  }
  one.sent_to = leader_;
  return true;
}

void request_forwarder::again(waiting_request& one) {
  one.sent_to = {};
  one.ask_at = around_.time.now() + one.pause;
  one.pause = std::min(one.pause * 2, longest_pause);
}

void request_forwarder::on_answer(node_id from, frames::answer answer) {
  const auto found = waiting_.find(answer.number);
  if (found == waiting_.end() || found->second.sent_to != from) return;  // late, or of an earlier attempt
  const auto* const refused = std::get_if<frames::failure>(&answer.outcome);
  if (!refused) return finish(found, std::move(answer));
  const auto why = from_frame(*refused);
  if (not_done(why) || (outcome_unknown(why) && repeatable(found->second.what))) return again(found->second);
  finish(found, std::move(answer));
}

void request_forwarder::on_leader(node_id leader) {
  if (leader == leader_) return;
  if (leader.value == 0) leaderless_since_ = around_.time.now();
  leader_ = leader;
  if (leader_ == self_) return release_here();
  if (leader_.value == 0) return;
  // A node that led before may be cut off or stand still: its link breaks seconds later. What may be asked twice is asked of the new one
  // at once. That may not serve yet: then soon again, however long it took to find it.
  for (const auto number : numbers()) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) continue;
    auto& one = found->second;
    if (one.sent_to.value > 0 && !repeatable(one.what)) continue;
    one.pause = first_pause;
    send(number, one);
  }
}

void request_forwarder::release_here() {
  for (const auto number : numbers()) {
    auto one = waiting_.find(number);
    if (one == waiting_.end() || (one->second.sent_to.value > 0 && !repeatable(one->second.what))) continue;
    auto what = std::move(one->second.what);
    waiting_.erase(one);
    around_.serve_here(std::move(what));
  }
}

void request_forwarder::on_link(node_id peer, bool up) {
  if (up) return;
  for (const auto number : numbers()) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end() || found->second.sent_to != peer) continue;
    if (repeatable(found->second.what))
      again(found->second);
    else
      finish(found, failure(link_lost()));
  }
}

void request_forwarder::tick() {
  const auto now = around_.time.now();
  const bool leaderless = leader_.value == 0 && now - leaderless_since_ > leaderless_max;
  if (leader_ == self_) release_here();
  for (const auto number : numbers()) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) continue;
    auto& one = found->second;
    if (deadline_of(one.what) <= now)
      finish(found, failure(late()));
    else if (leaderless && one.sent_to.value == 0)
      finish(found, failure(no_leader()));
    else if (one.sent_to.value == 0 && one.ask_at <= now)
      send(number, one);
  }
}

void request_forwarder::fail_all(const error& why) {
  while (!waiting_.empty()) finish(waiting_.begin(), failure(why));
}

void request_forwarder::finish(std::map<std::uint64_t, waiting_request>::iterator one, result<frames::answer> answer) {
  auto what = std::move(one->second.what);
  waiting_.erase(one);
  reply(std::move(what), std::move(answer));
}

void request_forwarder::refuse(request what, const error& why) { reply(std::move(what), failure(why)); }

void request_forwarder::reply(request what, result<frames::answer> answer) {
  around_.measured.in_flight.add(-1);
  const error malformed{error_kind::internal, "answer_malformed", "the node that leads the shard answered something else"};
  const auto why = [&] {
    if (!answer) return answer.error();
    const auto* const refused = std::get_if<frames::failure>(&answer->outcome);
    return refused ? from_frame(*refused) : malformed;
  };
  if (auto* const command = std::get_if<admitted_command>(&what)) {
    const auto took = around_.time.now() - command->admitted;
    around_.measured.command_us.observe(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count() / 1000)));
    auto* const done = answer ? std::get_if<frames::receipt>(&answer->outcome) : nullptr;
    command->answer(done ? result<receipt>(receipt{done->version, std::move(done->events), done->repeated}) : failure(why()));
  } else {
    auto* const seen = answer ? std::get_if<frames::view>(&answer->outcome) : nullptr;
    std::get<admitted_view>(what).answer(seen ? result<entity_view>(entity_view{seen->version, std::move(seen->state)})
                                              : failure(why()));
  }
}

std::vector<std::uint64_t> request_forwarder::numbers() const {
  std::vector<std::uint64_t> all;
  all.reserve(waiting_.size());
  for (const auto& [number, one] : waiting_) all.push_back(number);
  return all;
}

// --- Frames ------------------------------------------------------------------------------------------------------

frames::content to_frame(std::uint64_t number, const request_forwarder::request& what, timestamp now) {
  if (const auto* const view = std::get_if<admitted_view>(&what))
    return frames::look{number, view->request.entity.text(), remaining_ms(view->request.deadline, now)};
  const auto& asked = std::get<admitted_command>(what).request;
  return frames::ask{.number = number,
                     .entity = asked.entity.text(),
                     .command = asked.command,
                     .command_id = mutated(mutation::forwarded_without_id) ? std::string() : asked.command_id,
                     .principal = asked.from.principal,
                     .trace = asked.from.trace,
                     .correlation = asked.from.correlation,
                     .remaining_ms = remaining_ms(asked.deadline, now),
                     .expects_version = asked.expected_version.has_value(),
                     .expected_version = asked.expected_version.value_or(0),
                     .voids = asked.voids};
}

result<command_request> from_frame(frames::ask asked, timestamp now) {
  BV_ASSIGN(auto entity, entity_key::parse(asked.entity));
  return command_request{.entity = std::move(entity),
                         .command = std::move(asked.command),
                         .command_id = std::move(asked.command_id),
                         .from = {std::move(asked.principal), std::move(asked.trace), std::move(asked.correlation)},
                         .deadline = now + std::chrono::milliseconds{asked.remaining_ms},
                         .expected_version = asked.expects_version ? std::optional(asked.expected_version) : std::nullopt,
                         .voids = std::move(asked.voids)};
}

namespace {

frames::failure to_frame(error why) {
  return {std::string(to_string(why.kind)), std::move(why.code), std::move(why.message), std::move(why.context),
          static_cast<std::uint32_t>(std::max(why.retry_after_ms, 0))};
}

}  // namespace

frames::outcome to_frame(result<receipt> answer) {
  if (!answer) return to_frame(std::move(answer).error());
  return frames::receipt{answer->version, std::move(answer->events), answer->repeated};
}

frames::outcome to_frame(result<entity_view> answer) {
  if (!answer) return to_frame(std::move(answer).error());
  return frames::view{answer->version, std::move(answer->state)};
}

error from_frame(frames::failure said) {
  return {error_kind_from(said.kind), std::move(said.code), std::move(said.message), std::move(said.context),
          static_cast<int>(said.retry_after_ms)};
}

}  // namespace bv::runtime
