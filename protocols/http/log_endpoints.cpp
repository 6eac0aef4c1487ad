#include "protocols/http/log_endpoints.hpp"

#include <algorithm>
#include <charconv>

#include "protocols/http/event_feed.hpp"
#include "protocols/http/head.hpp"
#include "protocols/http/state_endpoint.hpp"
#include "protocols/schema/json.hpp"

namespace bv::http {
namespace {

constexpr std::size_t limit_default = 100, limit_max = 1000;
constexpr std::size_t page_size_bytes_max = 64 * 1024;
// What one question may read before it answers with what it has found: a filter may hold back nearly
// everything.
constexpr std::size_t pages_read_max = 64;

result<std::uint64_t> number_parameter(const request& asked, std::string_view name, std::uint64_t otherwise,
                                       std::uint64_t min, std::uint64_t max) {
  const auto text = asked.where.parameter(name);
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (!text->empty() && read.ec == std::errc() && read.ptr == text->data() + text->size() && value >= min &&
      value <= max)
    return value;
  std::string message(name);
  append_number(message += " takes a number from ", min);
  append_number(message += " to ", max);
  return failure(error_kind::invalid, "bad_parameter", std::move(message), std::string(name));
}

/// `[a, b]` under the name `items`.
class item_list {
 public:
  void add(std::string_view envelope) {
    body_ += first_ ? "" : ",";
    body_ += envelope;
    first_ = false;
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  std::string& close() { return body_ += ']'; }

 private:
  std::string body_ = R"({"items":[)";
  bool first_ = true;
  std::size_t count_ = 0;
};

response uncached(response answer) {
  answer.add("Cache-Control", "no-store");
  return answer;
}

class history_endpoint final : public endpoint {
 public:
  explicit history_endpoint(const surroundings& around) : around_(around) {}

  void serve(const call& asked) const override {
    if (auto failed = try_serve(asked); !failed) asked.answer.fail(failed.error());
  }

 private:
  result<void> try_serve(const call& asked) const {
    const auto* contract = around_.contracts.find(asked.values[0]);
    if (!contract) return failure(unknown_type(asked.values[0]));
    BV_ASSIGN(auto entity, entity_key::make(entity_key::default_tenant, contract->name(), asked.values[1]));
    BV_ASSIGN(const auto after, number_parameter(asked.asked, "after", 0, 0, UINT64_MAX));
    BV_ASSIGN(const auto limit, number_parameter(asked.asked, "limit", limit_default, 1, limit_max));
    answer_from_worker(around_.blocking, asked.answer, [=, this]() -> result<response> {
      BV_ASSIGN(const auto events, around_.events.history(entity, after, limit));
      if (events.empty() && after == 0)
        return failure(error_kind::not_found, "not_found",
                       "there is no " + std::string(entity.type()) + " '" + std::string(entity.id()) + "'");
      item_list items;
      for (const auto& event : events) {
        BV_ASSIGN(const auto envelope, envelope_of(around_, event));
        items.add(envelope);
      }
      auto& body = items.close() += ",\"version\":";
      append_number(body, events.empty() ? after : events.back().version);
      if (events.size() == limit) append_number(body += ",\"nextAfter\":", events.back().version);
      return uncached(json_response(200, std::move(body += '}')));
    });
    return {};
  }

  const surroundings& around_;
};

result<runtime::log_cursor> cursor_from(const surroundings& around, std::string_view text,
                                        std::string_view where) {
  if (text.empty())
    return runtime::log_cursor{std::vector<storage::event_offset>(around.events.shard_count())};
  auto parsed = runtime::parse_cursor(text, around.events.shard_count());
  if (!parsed) parsed.error().context = where;
  return parsed;
}

runtime::log_cursor end_of(runtime::event_log& events) {
  runtime::log_cursor cursor;
  for (std::uint16_t shard = 0; shard < events.shard_count(); ++shard)
    cursor.offsets.push_back(events.end(storage::shard_id{shard}));
  return cursor;
}

class events_endpoint final : public endpoint {
 public:
  explicit events_endpoint(const surroundings& around) : around_(around) {}

  void serve(const call& asked) const override {
    if (auto failed = try_serve(asked); !failed) asked.answer.fail(failed.error());
  }

 private:
  result<void> try_serve(const call& asked) const {
    const auto& where = asked.asked.where;
    BV_ASSIGN(auto filter, event_filter::parse(where.parameter("type").value_or(""), around_.contracts));
    BV_ASSIGN(auto from, cursor_from(around_, where.parameter("after").value_or(""), "after"));
    BV_ASSIGN(const auto limit, number_parameter(asked.asked, "limit", limit_default, 1, limit_max));
    answer_from_worker(
        around_.blocking, asked.answer,
        [this, limit, filter = std::move(filter), from = std::move(from)]() mutable -> result<response> {
          return collect(filter, std::move(from), limit);
        });
    return {};
  }

  /// Goes round the shards, so that a busy one does not keep the others from being seen.
  result<response> collect(const event_filter& filter, runtime::log_cursor from, std::size_t limit) const {
    item_list items;
    bool more = true;
    for (std::size_t pages = 0; more && items.count() < limit && pages < pages_read_max;) {
      more = false;
      for (std::uint16_t number = 0; number < from.offsets.size() && items.count() < limit;
           ++number, ++pages) {
        auto& offset = from.offsets[number];
        const storage::shard_id shard{number};
        if (offset >= around_.events.end(shard)) continue;
        BV_ASSIGN(const auto page,
                  shown_page::read(around_, shard, offset, page_size_bytes_max, filter.interests()));
        BV_TRY(take(*page, filter, limit, items, offset));
        more |= offset < around_.events.end(shard);
      }
    }
    for (std::uint16_t number = 0; number < from.offsets.size() && !more; ++number)
      more = from.offsets[number] < around_.events.end(storage::shard_id{number});
    auto& body = items.close() += ",\"cursor\":\"";
    body.append(to_text(from)).append(more ? "\",\"atEnd\":false}" : "\",\"atEnd\":true}");
    return uncached(json_response(200, std::move(body)));
  }

  static result<void> take(shown_page& page, const event_filter& filter, std::size_t limit, item_list& items,
                           storage::event_offset& offset) {
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (items.count() == limit) return {};
      const auto& event = page.at(i);
      if (!event.type.empty() && filter.wants(event.aggregate, event.type)) {
        BV_ASSIGN(const auto envelope, page.envelope(i));
        items.add(envelope);
      }
      offset = event.offset;
    }
    offset = std::max(offset, page.through());
    return {};
  }

  const surroundings& around_;
};

class stream_endpoint final : public endpoint {
 public:
  stream_endpoint(const surroundings& around, event_feed& feed) : around_(around), feed_(feed) {}

  std::string_view media_type() const override { return "text/event-stream"; }

  void serve(const call& asked) const override {
    auto question = parse(asked.asked);
    if (!question) return asked.answer.fail(question.error());
    response head;
    head.add("Content-Type", "text/event-stream")
        .add("Cache-Control", "no-store")
        .add("X-Accel-Buffering", "no");
    if (asked.asked.verb == method::head) return asked.answer.send(std::move(head));
    // Opened only when the connection is there to take it.
    asked.answer.send([this, head, answer = asked.answer, question = *std::move(question)]() -> response {
      auto streamed = head;
      streamed.streamed = feed_.open(question);
      if (streamed.streamed) return streamed;
      return answer.problem_of({error_kind::unavailable,
                                "too_many_streams",
                                "this server has as many live streams as it may",
                                {},
                                5000});
    });
  }

 private:
  result<log_question> parse(const request& asked) const {
    log_question question;
    BV_ASSIGN(question.filter,
              event_filter::parse(asked.where.parameter("type").value_or(""), around_.contracts));
    const auto last = asked.headers.find("Last-Event-ID");
    const auto after = asked.where.parameter("after");
    if (last && !last->empty()) {
      BV_ASSIGN(question.from, cursor_from(around_, *last, "Last-Event-ID"));
    } else if (after) {
      BV_ASSIGN(question.from, cursor_from(around_, *after, "after"));
    } else {
      question.from = end_of(around_.events);
    }
    return question;
  }

  const surroundings& around_;
  event_feed& feed_;
};

void append_node(std::string& body, const runtime::peer_status& one) {
  schema::append_json_string(body += R"({"id":)", one.name);
  if (!one.address.empty()) schema::append_json_string(body += R"(,"address":)", one.address);
  schema::append_json_string(body += R"(,"standing":)", to_string(one.standing));
  body += one.self ? R"(,"self":true)" : R"(,"self":false)";
  body += one.reached ? R"(,"reached":true},)" : R"(,"reached":false},)";
}

class cluster_endpoint final : public endpoint {
 public:
  explicit cluster_endpoint(const surroundings& around) : around_(around) {}

  void serve(const call& asked) const override {
    const auto seen = around_.cluster ? around_.cluster() : runtime::cluster_status{};
    std::string body = "{";
    if (seen.feature_level > 0) append_number(body += R"("featureLevel":)", seen.feature_level);
    body += seen.feature_level > 0 ? R"(,"nodes":[)" : R"("nodes":[)";
    if (seen.nodes.empty()) append_node(body, {{}, around_.node_name, {}, true, true});
    for (const auto& one : seen.nodes) append_node(body, one);
    if (body.ends_with(',')) body.pop_back();
    body += R"(],"shards":[)";
    for (std::uint16_t shard = 0; shard < around_.events.shard_count(); ++shard) {
      body += shard == 0 ? R"({"shard":)" : R"(,{"shard":)";
      append_number(body, shard);
      schema::append_json_string(body += R"(,"leader":)", leader_of(seen, shard));
      append_number(body += R"(,"lastOffset":)", around_.events.end(storage::shard_id{shard}).value);
      if (shard < seen.shards.size()) append_number(body += R"(,"term":)", seen.shards[shard].term.value);
      if (shard < seen.shards.size() && seen.shards[shard].mending) body += R"(,"mending":true)";
      body += '}';
    }
    asked.answer.send(uncached(json_response(200, std::move(body += "]}"))));
  }

 private:
  /// Empty if nobody is known to lead.
  [[nodiscard]] std::string leader_of(const runtime::cluster_status& seen, std::uint16_t shard) const {
    if (shard >= seen.shards.size()) return around_.node_name;
    const auto found = std::ranges::find(seen.nodes, seen.shards[shard].leader, &runtime::peer_status::node);
    return found == seen.nodes.end() ? std::string() : found->name;
  }

  const surroundings& around_;
};

}  // namespace

std::unique_ptr<endpoint> make_history_endpoint(const surroundings& around) {
  return std::make_unique<history_endpoint>(around);
}
std::unique_ptr<endpoint> make_events_endpoint(const surroundings& around) {
  return std::make_unique<events_endpoint>(around);
}
std::unique_ptr<endpoint> make_stream_endpoint(const surroundings& around, event_feed& feed) {
  return std::make_unique<stream_endpoint>(around, feed);
}
std::unique_ptr<endpoint> make_cluster_endpoint(const surroundings& around) {
  return std::make_unique<cluster_endpoint>(around);
}

}  // namespace bv::http
