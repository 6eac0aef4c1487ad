#include "actors/runtime/shard_member.hpp"

#include <utility>

#include "actors/runtime/random.hpp"
#include "actors/runtime/router.hpp"
#include "protocols/schema/base/mutation.hpp"
#include "protocols/schema/base/overloaded.hpp"

namespace bv::runtime {
namespace {

error not_leader() {
  return {error_kind::unavailable, "not_leader", "this node does not lead the shard; nothing was done", {}, 100};
}

error starting() {
  return {error_kind::unavailable, "starting", "the node is starting; ask again", {}, 1000};
}

error stopping() {
  return {error_kind::unavailable, "stopping", "the node is stopping; ask again, with the same command id", {}, 1000};
}

error busy(int retry_after_ms) {
  return {error_kind::overloaded, "overloaded", "too many requests are in flight; nothing was done", {}, retry_after_ms};
}

}  // namespace

shard_member::shard_member(storage::shard_id shard, std::uint64_t seed, const cluster_place& place, environment around)
    : shard_(shard),
      place_(place),
      around_(std::move(around)),
      replica_(shard, place.self,
               {.store = around_.store,
                .host = around_.host,
                .peers = *this,
                .notes = around_.notes,
                .standing = around_.standing,
                .moved = [this] { tell_leader(); },
                .tell = [this](node_id to, const frames::content& what) { place_.links.send(to, shard_, what); }},
               place.group),
      seats_(seat_keeper::environment{
          .self = place_.self,
          .group = [this]() -> replication::raft_group& { return replica_.group(); },
          .permits = place_.permits,
          .settle = [this](std::uint32_t revision) { settle(revision); },
          .failed =
              [this](const error& why) {
                around_.notes({note_level::warning, "shard " + std::to_string(shard_.value) +
                                                        ": its group is not changed now: " + describe(why)});
              }}),
      elsewhere_(place.self, mutated(mutation::request_numbers_start_over) ? 1 : random_source(seed).next(),
                 {.time = around_.time,
                  .measured = around_.measured,
                  .send = [this](node_id to, const frames::content& what) { return place_.links.send(to, shard_, what); },
                  .serve_here = [this](request_forwarder::request what) { serve(std::move(what)); }}),
      level_(shard, random_source(seed).next(), {.ask = [this](std::uint64_t number) { ask_for_end(number); }}) {}

void shard_member::attach(shard& served) {
  served_ = &served;
  replica_.attach(served);
}

void shard_member::tell_leader() {
  const auto leader = replica_.serving() ? place_.self : replica_.leader();
  elsewhere_.on_leader(leader == place_.self && !replica_.serving() ? node_id{} : leader);
}

void shard_member::tick(bool in_beat) {
  in_beat_ = in_beat;
  replica_.tick();
  in_beat_ = false;
  seats_.tick(replica_.serving(), around_.host.now_ms());
  replica_.on_changing(seats_.changing());
  if (elsewhere_.any()) elsewhere_.tick();
  if (replica_.joining()) help_newcomer();
  level_.go_on(around_.host.now_ms(), replica_.taken_in());
  if (stopping_) go_on_stopping();
}

void shard_member::on_link(node_id peer, bool up) {
  replica_.on_link(peer, up);
  elsewhere_.on_link(peer, up);
}

void shard_member::on_members(const roster::view& now) {
  auto wished = seats_of(now.state, shard_);
  if (!wished) return;
  replica_.prefer(wished->voters.empty() ? node_id{} : node_id{wished->voters.front()});
  // Until the log says something, the group is as it was founded.
  if (now.version > 0) seats_.on_wish(*std::move(wished));
}

void shard_member::settle(std::uint32_t revision) {
  around_.entities.ask({.entity = members::key(),
                        .command = members::contract::encode(members::command(members::settle{shard_.value, revision})),
                        .command_id = {}, .from = {}, .deadline = {}, .expected_version = {}},
                       [](const result<receipt>&) {});
}

// --- Requests of this node ---------------------------------------------------------------------------------------

void shard_member::deliver(request_forwarder::request what) {
  if (stopping_) return elsewhere_.refuse(std::move(what), stopping());
  if (const auto* const view = std::get_if<admitted_view>(&what); view && view->request.wanted == consistency::stale) {
    // Before that it would show what this node itself knows to be over.
    if (!replica_.level_once()) return elsewhere_.refuse(std::move(what), starting());
    return serve(std::move(what));
  }
  if (replica_.serving()) return serve(std::move(what));
  elsewhere_.deliver(std::move(what));
}

void shard_member::serve(request_forwarder::request what) {
  std::visit([this](auto& one) { served_->deliver(std::move(one)); }, what);
}

// --- Frames ------------------------------------------------------------------------------------------------------

void shard_member::send(replication::message what) {
  const node_id to{what.receiver};
  if (std::holds_alternative<replication::mend_request>(what.body) && !place_.links.understands(to, feature::log_mending)) return;
  if (in_beat_ && fits_a_beat(what.body))
    place_.links.send_in_beat(to, shard_, std::move(what.body));
  else
    place_.links.send(to, shard_, std::move(what.body));
}

void shard_member::on_frame(node_id from, frames::content what, bool in_beat) {
  in_beat_ = in_beat;
  std::visit([&](auto& one) { on_content(from, std::move(one)); }, what);
  in_beat_ = false;
}

void shard_member::on_content(node_id from, replication::body what) {
  replica_.receive({shard_.value, from.value, place_.self.value, std::move(what)});
}

result<void> shard_member::admit(const entity_key& who) {
  if (!around_.types.contains(who.type()))
    return failure(error_kind::not_found, "unknown_type",
                   "there is no aggregate type '" + std::string(who.type()) + "' on the node that leads its shard", "type");
  if (!replica_.serving() || stopping_) return failure(not_leader());
  if (around_.measured.in_flight.add(1) <= around_.bounds.in_flight_per_shard_max) return {};
  around_.measured.in_flight.add(-1);
  around_.measured.commands_overloaded.add();
  return failure(busy(around_.bounds.overloaded_retry_after_ms));
}

void shard_member::on_content(node_id from, frames::ask what) {
  const auto number = what.number;
  const auto now = around_.time.now();
  auto asked = from_frame(std::move(what), now);
  const auto admitted = asked ? admit(asked->entity) : failure(asked.error());
  if (!admitted) return answer(from, number, to_frame(result<receipt>(failure(admitted.error()))));
  served_->deliver(admitted_command{
      *std::move(asked),
      [this, from, number](result<receipt> said) { answer(from, number, to_frame(std::move(said))); }, now});
}

void shard_member::on_content(node_id from, frames::look what) {
  const auto number = what.number;
  const auto now = around_.time.now();
  auto entity = entity_key::parse(what.entity);
  const auto admitted = entity ? admit(*entity) : failure(entity.error());
  if (!admitted) return answer(from, number, to_frame(result<entity_view>(failure(admitted.error()))));
  served_->deliver(admitted_view{
      {.entity = *std::move(entity), .deadline = now + std::chrono::milliseconds{what.remaining_ms}},
      [this, from, number](result<entity_view> said) { answer(from, number, to_frame(std::move(said))); }, now});
}

void shard_member::on_content(node_id from, frames::answer what) {
  elsewhere_.on_answer(from, std::move(what));
}

void shard_member::on_content(node_id, frames::cursor what) {
  // From who led before, and late: what is done here is further.
  if (replica_.serving()) return;
  const auto known = around_.store.log->read_cursor(what.subscription, shard_);
  if (known && known->value < what.offset)
    around_.store.log->write_cursor(what.subscription, shard_, storage::event_offset{what.offset});
}

// --- How far the shard is -----------------------------------------------------------------------------------------

void shard_member::level(std::uint64_t at_most_ms, level_handler done) {
  const auto now_ms = around_.host.now_ms();
  level_.wait(now_ms, now_ms + at_most_ms, std::move(done));
}

void shard_member::help_newcomer() {
  if (std::exchange(asked_for_newcomer_, true)) return;
  level(newcomer_ms_max, [this](const result<storage::log_index>& there) {
    asked_for_newcomer_ = false;
    if (there) replica_.on_level();
  });
}

void shard_member::ask_for_end(std::uint64_t number) {
  if (replica_.serving())
    replica_.group().read_barrier([this, number](const result<storage::log_index>& sure) {
      if (sure) level_.on_end(number, *sure);
    });
  else if (replica_.leader().value > 0)
    place_.links.send(replica_.leader(), shard_, frames::ask_end{number});
}

void shard_member::on_content(node_id from, frames::ask_end what) {
  // Who does not know yet that all of before is committed would name too little.
  if (!replica_.serving()) return;
  replica_.group().read_barrier([this, from, number = what.number](const result<storage::log_index>& sure) {
    if (sure) place_.links.send(from, shard_, frames::end{number, sure->value});
  });
}

void shard_member::answer(node_id to, std::uint64_t number, frames::outcome outcome) {
  place_.links.send(to, shard_, frames::answer{number, replica_.leader().value, std::move(outcome)});
}

// --- The end -----------------------------------------------------------------------------------------------------

void shard_member::stop(std::function<void()> stopped) {
  stopping_ = true;
  stopped_ = std::move(stopped);
  stop_until_ms_ = around_.host.now_ms() + stop_ms_max;
  tell_leaving();
  if (const auto heir = replica_.heir(); heir.value > 0) replica_.hand_over(heir);
  go_on_stopping();
}

void shard_member::tell_leaving() {
  if (!place_.links.features().speaks(feature::leaving_notice)) return;
  for (const auto& one : replica_.status().members.servers)
    if (one.id != place_.self.value) place_.links.send(node_id{one.id}, shard_, frames::leaving{});
}

void shard_member::go_on_stopping() {
  if (!stopped_) return;
  const bool patient = around_.host.now_ms() < stop_until_ms_;
  if (patient && (elsewhere_.any() || replica_.handing_over())) return;
  elsewhere_.fail_all(stopping());
  level_.fail_all(stopping());
  served_->stop(std::exchange(stopped_, nullptr));
}

}  // namespace bv::runtime
