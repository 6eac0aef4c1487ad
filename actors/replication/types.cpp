#include "actors/replication/types.hpp"

#include <algorithm>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "storage/batch.hpp"

namespace bv::replication {

result<entry> open_entry(shared_bytes data) {
  BV_TRY(storage::verify_batch(*data));
  BV_ASSIGN(const auto batch, storage::batch_reader::open(*data));
  entry found{batch.index(), batch.term(), batch.next_offset(), entry_kind::batch, std::move(data)};
  if (!batch.is_control()) return found;
  BV_ASSIGN(const auto content, batch.control());
  found.kind = static_cast<entry_kind>(content.kind);
  if (found.kind != entry_kind::barrier && found.kind != entry_kind::configuration)
    return failure(error_kind::internal, "entry_kind_unknown",
                   "a control batch has kind " + std::to_string(content.kind) + ", this program knows 1 and 2");
  return found;
}

result<configuration> configuration_in(const entry& from) {
  BV_ASSERT(from.kind == entry_kind::configuration, "an entry of another kind holds no configuration");
  BV_ASSIGN(const auto batch, storage::batch_reader::open(*from.data));
  BV_ASSIGN(const auto content, batch.control());
  configuration members;
  BV_TRY(encoded::decode(content.body, members));
  return members;
}

entry seal_entry(storage::log_index index, storage::event_offset first_offset, storage::term_number term,
                 entry_kind kind, const configuration& members) {
  BV_ASSERT(kind != entry_kind::batch, "the shard seals its batches itself");
  const auto content = kind == entry_kind::configuration ? encoded::encode(members) : bytes{};
  return {index, term, first_offset, kind,
          std::make_shared<const bytes>(storage::seal_control_batch(
              index, first_offset, term, {static_cast<std::uint8_t>(kind), content}))};
}

std::size_t voters_of(const configuration& members) {
  return static_cast<std::size_t>(std::ranges::count(members.servers, server_role::voter, &server::role));
}

const server* member(const configuration& members, server_id who) {
  const auto found = std::ranges::find(members.servers, who.value, &server::id);
  return found == members.servers.end() ? nullptr : &*found;
}

bool votes(const configuration& members, server_id who) {
  const auto* found = member(members, who);
  return found && found->role == server_role::voter;
}

}  // namespace bv::replication
