#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "actors/runtime/projection.hpp"
#include "actors/runtime/query.hpp"

namespace bv::test {

/// A projection's table in memory, as it is written and as it is served.
class memory_rows final : public runtime::projection_rows, public runtime::projection_view {
 public:
  result<std::optional<bytes>> get(bytes_view key) const override {
    const auto at = rows_.find(bytes(key));
    return at == rows_.end() ? std::optional<bytes>{} : std::optional(at->second);
  }
  void put(bytes key, bytes value) override {
    REQUIRE_FALSE(key.empty());
    REQUIRE(key[0] != '\0');  // those belong to the runtime
    rows_[std::move(key)] = std::move(value);
  }
  void remove(bytes key) override { rows_.erase(key); }

  result<void> scan(bytes_view from, bytes_view until, bool reverse,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    const auto first = rows_.lower_bound(bytes(from));
    const auto last = until.empty() ? rows_.end() : rows_.lower_bound(bytes(until));
    if (reverse) {
      for (auto at = last; at != first;) {
        --at;
        ++rows_read;
        if (!visit(at->first, at->second)) break;
      }
    } else {
      for (auto at = first; at != last; ++at) {
        ++rows_read;
        if (!visit(at->first, at->second)) break;
      }
    }
    return {};
  }
  runtime::projection_status status() const override { return {"test", 7, false, 0, ""}; }

  const std::map<bytes, bytes>& all() const { return rows_; }
  mutable std::size_t rows_read = 0;  ///< by scans

 private:
  std::map<bytes, bytes> rows_;
};

/// A projection fed by hand.
struct read_model {
  std::unique_ptr<runtime::projection> projection;
  std::shared_ptr<memory_rows> rows = std::make_shared<memory_rows>();

  template <class Contract>
  void see(std::string_view type, std::string_view id, const typename Contract::event_type& happened,
           std::string_view tenant = "default") {
    const auto outcome = see_result<Contract>(type, id, happened, tenant);
    const auto reason = outcome ? std::string() : describe(outcome.error());
    INFO(reason);
    REQUIRE(outcome.has_value());
  }
  template <class Contract>
  result<void> see_result(std::string_view type, std::string_view id,
                          const typename Contract::event_type& happened,
                          std::string_view tenant = "default") {
    runtime::logged_event logged;
    logged.entity = entity_key::trusted(tenant, type, id);
    logged.ordinal = static_cast<std::uint16_t>(happened.index());
    logged.payload = Contract::encode(happened);
    return projection->apply(logged, *rows);
  }
};

/// Asks a query as a protocol does.
template <class Answer, class Query>
result<Answer> ask(const runtime::query_handler& handler, const Query& query, std::string principal = "alice",
                   std::string_view tenant = "default") {
  BV_ASSIGN(const auto data, handler.answer(encode(query), {std::move(principal), "", ""}, tenant));
  Answer answer;
  BV_TRY(decode(data, answer));
  return answer;
}

}  // namespace bv::test
