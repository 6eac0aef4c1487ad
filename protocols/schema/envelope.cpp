// https://www.w3.org/TR/trace-context/#traceparent-header for the trace id.
#include "protocols/schema/envelope.hpp"

#include "protocols/schema/json.hpp"

namespace bv::schema {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  append_json_string(out, text);
}

}  // namespace

std::string event_id(std::uint16_t shard, std::uint64_t offset) {
  return std::to_string(shard) + "-" + std::to_string(offset);
}

std::string_view trace_id_of(std::string_view traceparent) {
  // version "00", trace id of 32 hex digits, parent id of 16, flags of 2
  constexpr std::size_t size = 55;
  if (traceparent.size() < size || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return {};
  const auto id = traceparent.substr(3, 32);
  if (id.find_first_not_of("0123456789abcdef") != id.npos || id.find_first_not_of('0') == id.npos) return {};
  return id;
}

result<std::string> event_json(const aggregate_contract& contract, const event_facts& about, bytes_view message) {
  const auto* type = contract.find_event(about.ordinal);
  if (!type)
    return failure(error_kind::internal, "event_unknown",
                   contract.name() + " has no event " + std::to_string(about.ordinal) + " in this version");
  std::string out = "{";
  out.reserve(512 + message.size());
  append_member(out, "eventId", event_id(about.shard, about.offset));
  append_member(out, "eventType", type->type);
  append_member(out, "occurredAt", to_rfc3339(about.at));
  append_member(out, "producer", about.producer);
  append_member(out, "traceId", trace_id_of(about.trace));
  append_member(out, "correlationId", about.correlation);
  out.append(",\"schemaVersion\":").append(std::to_string(type->version));
  append_member(out, "tenantId", about.entity.tenant());
  append_member(out, "partitionKey", about.entity.type_and_id());
  out.append(",\"payload\":");
  BV_TRY(append_member_json(out, contract.event_root(), about.ordinal, message));
  out.push_back('}');
  return out;
}

std::string receipt_json(const aggregate_contract& contract, const entity_key& entity, std::uint64_t version,
                         std::span<const std::uint16_t> events) {
  std::string out = "{";
  append_member(out, "type", entity.type());
  append_member(out, "id", entity.id());
  out.append(",\"version\":").append(std::to_string(version)).append(",\"events\":[");
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) out.push_back(',');
    const auto* type = contract.find_event(events[i]);
    append_json_string(out, type ? std::string_view(type->type) : std::string_view("unknown"));
  }
  return out.append("]}");
}

}  // namespace bv::schema
