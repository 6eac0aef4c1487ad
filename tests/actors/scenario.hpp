#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/runtime/aggregate.hpp"

namespace bv::test {

/// When the stories begin: 2026-11-21T08:00:00Z.
inline constexpr timestamp start{1'795'248'000'000'000'000};

/// Projections' rows that a test writes by hand.
class known_facts final : public runtime::facts {
 public:
  std::optional<bytes> find(std::string_view projection, std::string_view key) const override {
    const auto at = rows_.find({std::string(projection), std::string(key)});
    return at == rows_.end() ? std::nullopt : std::optional(at->second);
  }
  void put(std::string projection, std::string key, bytes row) {
    rows_[{std::move(projection), std::move(key)}] = std::move(row);
  }

 private:
  std::map<std::pair<std::string, std::string>, bytes> rows_;
};

/// Tells a business rule: what has happened, what is asked for, what comes of it. It goes through the
/// type-erased aggregate, so contract, encoding and rules are tested as the runtime uses them.
///
///   story.given({order_placed}).at(start + 30min).when(expire{}).then({cancelled{"unpaid", start + 30min}});
///
/// May go on after `then` and `rejected`: the state stays.
template <class Contract>
class scenario {
 public:
  using state = typename Contract::state_type;
  using command = typename Contract::command_type;
  using event = typename Contract::event_type;

  scenario(std::unique_ptr<runtime::aggregate_type> type, std::string_view name, std::string_view id)
      : type_(std::move(type)), self_(entity_key::trusted("default", name, id)), held_(type_->create()) {}

  scenario& given(const std::vector<event>& history) {
    for (const auto& one : history) REQUIRE(type_->replay(*held_, Contract::encode(one)));
    version_ += history.size();
    return *this;
  }
  scenario& at(timestamp now) {
    now_ = now;
    return *this;
  }
  scenario& by(std::string principal) {
    principal_ = std::move(principal);
    return *this;
  }
  known_facts& facts() { return facts_; }

  scenario& when(const command& asked) { return when_encoded(Contract::encode(asked)); }

  /// The timer fires: the command that the entity has wished for comes when it has wished for it, or later.
  scenario& when_woken() {
    REQUIRE(type_->wake_at(*held_) != timestamp{});
    now_ = std::max(now_, type_->wake_at(*held_));
    return when_encoded(type_->wake_command(*held_));
  }

  scenario& then(const std::vector<event>& expected) {
    INFO(failure_text());
    REQUIRE(outcome_.has_value());
    REQUIRE(outcome_->size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      CHECK((*outcome_)[i].ordinal == expected[i].index());
      event actual;
      REQUIRE(Contract::decode((*outcome_)[i].payload, actual));
      CHECK((actual == expected[i]));
    }
    return *this;
  }
  /// Accepted, and nothing came of it.
  scenario& without_effect() { return then({}); }

  scenario& rejected(std::string_view code, error_kind kind = error_kind::conflict) {
    REQUIRE_FALSE(outcome_.has_value());
    INFO(failure_text());
    CHECK(outcome_.error().code == code);
    CHECK(outcome_.error().kind == kind);
    CHECK_FALSE(outcome_.error().message.empty());
    CHECK(type_->encode(*held_) == before_);
    return *this;
  }

  state now_held() const {
    state current;
    REQUIRE(Contract::decode(type_->encode(*held_), current));
    return current;
  }
  /// 0 for never.
  timestamp wakes_at() const { return type_->wake_at(*held_); }

 private:
  scenario& when_encoded(const bytes& asked) {
    before_ = type_->encode(*held_);
    const runtime::context about{now_, self_, version_, principal_, "command-1", 7, facts_};
    outcome_ = type_->handle(*held_, asked, about);
    if (outcome_) version_ += outcome_->size();
    return *this;
  }
  std::string failure_text() const { return outcome_ ? "accepted" : describe(outcome_.error()); }

  std::unique_ptr<runtime::aggregate_type> type_;
  entity_key self_;
  std::unique_ptr<runtime::entity_state> held_;
  known_facts facts_;
  std::uint64_t version_ = 0;
  timestamp now_ = start;
  std::string principal_;
  bytes before_;
  result<std::vector<runtime::encoded_event>> outcome_{
      failure(error_kind::internal, "not_asked", "no command yet")};
};

}  // namespace bv::test
