#include "protocols/http/state_endpoint.hpp"

#include "actors/runtime/query.hpp"
#include "protocols/http/negotiation.hpp"
#include "protocols/http/problem.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/json.hpp"
#include "protocols/schema/tombstone.hpp"

namespace bv::http {
namespace {

/// The caller may keep it, nobody between us may, and it is asked again each time: with the tag that costs
/// little.
constexpr std::string_view revalidate = "private, no-cache";

/// What `?consistency=` asks for.
result<runtime::consistency> wanted_consistency(const target& where) {
  const auto said = where.parameter("consistency");
  if (!said || *said == "linearizable") return runtime::consistency::linearizable;
  if (*said == "stale") return runtime::consistency::stale;
  return failure(error_kind::invalid, "consistency_unknown",
                 "consistency is linearizable, the default, or stale; not '" + std::string(*said) + "'",
                 "consistency");
}

/// Says of an answer that it may be old (a structured field, RFC 9651).
response marked(response answer, const std::optional<runtime::staleness>& stale) {
  if (!stale) return answer;
  return std::move(answer.add("Bv-Consistency", "stale;leader=" + std::string(stale->leader_known ? "?1" : "?0") +
                                                    ";behind=" + std::to_string(stale->batches_behind)));
}

/// 304 if the client has it already.
response tagged(response answer, std::string tag, std::string_view if_none_match) {
  answer.add("Cache-Control", revalidate);
  answer.etag = std::move(tag);
  if (!if_none_match.empty() && names_tag(if_none_match, answer.etag)) {
    answer.status = 304;
    answer.body.clear();
  }
  return answer;
}

void serve_state(const surroundings& around, const schema::aggregate_contract& contract, const call& asked,
                 std::string_view id, bool must_exist) {
  auto entity = entity_key::make(entity_key::default_tenant, contract.name(), id);
  if (!entity) return asked.answer.fail(entity.error());
  const auto wanted = wanted_consistency(asked.asked.where);
  if (!wanted) return asked.answer.fail(wanted.error());
  auto view = [answer = asked.answer, contract = &contract, must_exist, id = std::string(id),
               if_none_match =
                   asked.asked.headers.joined("If-None-Match")](result<runtime::entity_view> seen) {
    answer.send([=, seen = std::move(seen)] {
      if (!seen) return answer.problem_of(seen.error());
      if (must_exist && !exists(*contract, *seen))
        return marked(answer.problem_of({error_kind::not_found, "not_found",
                                         "there is no " + contract->name() + " '" + id + "'", {}}),
                      seen->stale);
      const auto tag = version_tag(seen->version);
      if (names_tag(if_none_match, tag)) return marked(tagged({}, tag, if_none_match), seen->stale);
      auto body = schema::to_json(contract->state(), seen->state);
      if (!body) return answer.problem_of(body.error());
      return marked(tagged(json_response(200, *std::move(body)), tag, {}), seen->stale);
    });
  };
  around.entities.view({.entity = *std::move(entity), .wanted = *wanted}, std::move(view));
}

class state_endpoint final : public endpoint {
 public:
  state_endpoint(const surroundings& around, const schema::aggregate_contract& contract,
                 schema::entity_source entity)
      : around_(around), contract_(contract), entity_(entity) {}

  void serve(const call& asked) const override {
    if (entity_ != schema::entity_source::principal)
      return serve_state(around_, contract_, asked, asked.values.front(), true);
    const auto caller = required_principal(asked.answer.from());
    if (!caller) return asked.answer.fail(caller.error());
    serve_state(around_, contract_, asked, *caller, false);
  }

 private:
  const surroundings& around_;
  const schema::aggregate_contract& contract_;
  const schema::entity_source entity_;
};

class any_state_endpoint final : public endpoint {
 public:
  explicit any_state_endpoint(const surroundings& around) : around_(around) {}

  void serve(const call& asked) const override {
    const auto* contract = around_.contracts.find(asked.values[0]);
    if (!contract) return asked.answer.fail(unknown_type(asked.values[0]));
    serve_state(around_, *contract, asked, asked.values[1], true);
  }

 private:
  const surroundings& around_;
};

class query_endpoint final : public endpoint {
 public:
  query_endpoint(const surroundings& around, const runtime::query_handler& query)
      : around_(around), query_(query) {
    for (const auto& segment : query.contract().route().segments)
      if (segment.is_parameter) parameters_.push_back(segment.text);
  }

  void serve(const call& asked) const override {
    schema::message_draft draft(query_.contract().parameters());
    for (std::size_t i = 0; i < parameters_.size(); ++i) draft.set_from_text(parameters_[i], asked.values[i]);
    for (const auto& one : asked.asked.where.query()) draft.set_from_text(one.name, one.value);
    auto question = draft.finish();
    if (!question) return asked.answer.fail(question.error());
    answer_from_worker(around_.blocking, asked.answer,
                       [this, question = *std::move(question), from = asked.answer.from(),
                        if_none_match = asked.asked.headers.joined("If-None-Match")]() -> result<response> {
                         BV_ASSIGN(const auto found,
                                   query_.answer(question, from, entity_key::default_tenant));
                         BV_ASSIGN(auto body, schema::to_json(query_.contract().answer(), found));
                         auto tag = "W/\"" + to_hex(hash128(body)) + "\"";
                         return tagged(json_response(200, std::move(body)), std::move(tag), if_none_match);
                       });
  }

 private:
  const surroundings& around_;
  const runtime::query_handler& query_;
  std::vector<std::string> parameters_;
};

}  // namespace

bool exists(const schema::aggregate_contract& contract, const runtime::entity_view& seen) {
  return seen.version > 0 && !schema::is_gone(contract, seen.state);
}

error unknown_type(std::string_view type) {
  return {
      error_kind::not_found, "unknown_type", "there is no aggregate type '" + std::string(type) + "'", {}};
}

std::unique_ptr<endpoint> make_state_endpoint(const surroundings& around,
                                              const schema::aggregate_contract& contract,
                                              const schema::route& route) {
  return std::make_unique<state_endpoint>(around, contract, route.entity);
}

std::unique_ptr<endpoint> make_any_state_endpoint(const surroundings& around) {
  return std::make_unique<any_state_endpoint>(around);
}

std::unique_ptr<endpoint> make_query_endpoint(const surroundings& around,
                                              const runtime::query_handler& query) {
  return std::make_unique<query_endpoint>(around, query);
}

}  // namespace bv::http
