#include "sim/record/node_source.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "protocols/schema/json.hpp"
#include "sim/world/batch_records.hpp"

namespace bv::sim {
namespace {

namespace json = boost::json;

constexpr unsigned ok = 200, not_found = 404;
constexpr std::uint64_t page_events = 1000;  // what the API gives at most
constexpr int sagas_asked_for = 100;

tl::unexpected<error> not_a_node(const std::string& what) {
  return failure(error_kind::invalid, "not_a_node", "that is no node of this program: " + what);
}

/// A node's refusal in its own words, as far as it is a problem document.
tl::unexpected<error> refused(const std::string& target, const node_answer& said) {
  boost::system::error_code fault;
  const auto whole = json::parse(said.body, fault);
  std::string words;
  if (const auto* problem = fault ? nullptr : whole.if_object())
    for (const auto* key : {"code", "detail"})
      if (const auto* text = problem->if_contains(key); text && text->is_string())
        words += (words.empty() ? ": " : ", ") + std::string(text->as_string());
  if (words.find("history_too_long") != words.npos) words += "; or stop the node and record with --data-dir";
  return failure(error_kind::unavailable, "node_refused",
                 "the node answers " + std::to_string(said.status) + " to GET " + target + words);
}

result<json::object> parse(const std::string& target, const std::string& body) {
  boost::system::error_code fault;
  auto whole = json::parse(body, fault);
  if (fault || !whole.is_object()) return not_a_node("its answer to GET " + target + " is no JSON object");
  return std::move(whole.as_object());
}

std::string text_at(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

class node_source final : public event_source {
 public:
  node_source(node_getter get, std::vector<const schema::aggregate_contract*> contracts)
      : get_(std::move(get)), contracts_(std::move(contracts)) {}

  result<std::vector<recorded_event>> history(const entity_key& of, std::uint64_t after_version) override {
    std::vector<recorded_event> all;
    for (auto after = after_version;;) {
      const auto target = path_of(of) + "/events?after=" + std::to_string(after) + "&limit=" + std::to_string(page_events);
      BV_ASSIGN(const auto said, get_(target));
      if (said.status == not_found) return all;
      if (said.status != ok) return refused(target, said);
      BV_ASSIGN(const auto page, parse(target, said.body));
      const auto* items = page.if_contains("items");
      if (!items || !items->is_array()) return not_a_node("its answer to GET " + target + " has no items");
      for (const auto& item : items->as_array()) {
        BV_ASSIGN(auto event, read_event(of, item));
        event.version = ++after;
        all.push_back(std::move(event));
      }
      if (!page.contains("nextAfter")) return all;
    }
  }

  result<std::optional<recorded_state>> known_state(const entity_key& of) override {
    BV_ASSIGN(const auto said, get_(path_of(of)));
    if (said.status == not_found) return std::optional<recorded_state>();
    if (said.status != ok) return refused(path_of(of), said);
    recorded_state found;
    const auto digits = said.etag.find_first_of("0123456789");
    if (digits == said.etag.npos ||
        std::from_chars(said.etag.data() + digits, said.etag.data() + said.etag.size(), found.version).ec != std::errc{})
      return not_a_node("its answer to GET " + path_of(of) + " has no version as ETag");
    BV_ASSIGN(found.state, schema::to_message(find_contract(contracts_, of.type())->state(), said.body));
    return found;
  }

  result<std::vector<std::string>> sagas_like(const std::string&) override {
    const auto target = "/api/sagas?limit=" + std::to_string(sagas_asked_for);
    BV_ASSIGN(const auto said, get_(target));
    std::vector<std::string> found;
    if (said.status != ok) return found;
    BV_ASSIGN(const auto page, parse(target, said.body));
    if (const auto* items = page.if_contains("items"); items && items->is_array())
      for (const auto& item : items->as_array())
        if (item.is_object()) found.push_back(text_at(item.as_object(), "id"));
    return found;
  }

 private:
  /// An id needs no escapes in a path.
  static std::string path_of(const entity_key& of) { return "/api/actors/" + std::string(of.type_and_id()); }

  result<recorded_event> read_event(const entity_key& of, const json::value& item) const {
    const auto& contract = *find_contract(contracts_, of.type());
    const auto* envelope = item.if_object();
    const auto* payload = envelope ? envelope->if_contains("payload") : nullptr;
    if (!payload) return not_a_node("an event of " + of.text() + " has no payload");
    const auto type = text_at(*envelope, "eventType");
    const auto known = std::ranges::find(contract.events(), type, [](const auto& one) { return one.type; });
    if (known == contract.events().end())
      return failure(error_kind::invalid, "event_unknown", "this version knows no event \"" + type + "\"; use the node's own program",
                     of.text());
    recorded_event found;
    BV_ASSIGN(found.at, parse_rfc3339(text_at(*envelope, "occurredAt")));
    BV_ASSIGN(found.payload, schema::to_message(contract.event_root(), json::serialize(json::object{{known->name, *payload}})));
    return found;
  }

  const node_getter get_;
  const std::vector<const schema::aggregate_contract*> contracts_;
};

}  // namespace

result<std::unique_ptr<event_source>> open_node_source(node_getter get,
                                                       std::vector<const schema::aggregate_contract*> contracts) {
  const std::string target = "/api/cluster";
  BV_ASSIGN(const auto said, get(target));
  if (said.status == not_found) return not_a_node("it has no " + target);
  if (said.status != ok) return refused(target, said);
  BV_ASSIGN(const auto whole, parse(target, said.body));
  if (!whole.contains("shards")) return not_a_node("its answer to GET " + target + " names no shards");
  return std::make_unique<node_source>(std::move(get), std::move(contracts));
}

}  // namespace bv::sim
