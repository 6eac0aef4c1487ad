#include "protocols/http/event_page.hpp"

#include <algorithm>

#include "protocols/schema/envelope.hpp"

namespace bv::http {
namespace {

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::optional<runtime::event_interest> interest_in_event(const contract_book& contracts, std::string_view name) {
  for (const auto* contract : contracts.all())
    for (const auto& event : contract->events())
      if (event.type == name) return runtime::event_interest{contract->name(), {event.ordinal}};
  return std::nullopt;
}

}  // namespace

result<event_filter> event_filter::parse(std::string_view types, const contract_book& contracts) {
  event_filter made;
  while (!types.empty()) {
    const auto name = types.substr(0, types.find(','));
    types.remove_prefix(std::min(types.size(), name.size() + 1));
    if (name.empty()) continue;
    const auto* aggregate = contracts.find(name);
    auto interest = aggregate ? runtime::event_interest{aggregate->name()} : interest_in_event(contracts, name);
    if (!interest)
      return failure(
          error_kind::invalid, "unknown_event_type",
          "'" + std::string(name) + "' is neither an aggregate type nor an event type of this node", "type");
    (aggregate ? made.aggregates_ : made.events_).emplace_back(name);
    made.interests_.push_back(std::move(*interest));
  }
  return made;
}

bool event_filter::wants(std::string_view aggregate, std::string_view event_type) const {
  return (aggregates_.empty() && events_.empty()) || contains(aggregates_, aggregate) ||
         contains(events_, event_type);
}

result<std::string> envelope_of(const surroundings& around, const runtime::logged_event& event) {
  const auto* contract = around.contracts.find(event.entity.type());
  if (!contract)
    return failure(error_kind::internal, "unknown_type", "the log holds an event of " + event.entity.text(),
                   event.entity.text());
  return schema::event_json(*contract,
                            {event.shard.value, event.offset.value, event.entity, event.ordinal, event.at,
                             event.trace, event.correlation, around.node_name},
                            event.payload);
}

result<std::shared_ptr<shown_page>> shown_page::read(const surroundings& around, storage::shard_id shard,
                                                     storage::event_offset after, std::size_t size_bytes_max,
                                                     std::span<const runtime::event_interest> wanted) {
  BV_ASSIGN(auto page, around.events.read(shard, after, size_bytes_max, wanted));
  auto made = std::make_shared<shown_page>();
  made->around_ = &around;
  made->logged_ = std::move(page.events);
  made->through_ = page.through;
  made->at_end_ = page.at_end;
  made->shown_.reserve(made->logged_.size());
  for (const auto& event : made->logged_) {
    const auto* contract = around.contracts.find(event.entity.type());
    const auto* type = contract ? contract->find_event(event.ordinal) : nullptr;
    made->shown_.push_back({event.offset,
                            contract ? std::string_view(contract->name()) : std::string_view(),
                            type ? std::string_view(type->type) : std::string_view(),
                            {}});
  }
  return made;
}

result<std::string_view> shown_page::envelope(std::size_t index) {
  auto& one = shown_[index];
  if (one.envelope.empty()) {
    BV_ASSIGN(one.envelope, envelope_of(*around_, logged_[index]));
  }
  return std::string_view(one.envelope);
}

}  // namespace bv::http
