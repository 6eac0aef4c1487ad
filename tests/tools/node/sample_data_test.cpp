#include "tools/node/sample_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

using namespace bv;
using namespace bv::tools;

namespace {

/// Answers with what it was told to, at once.
class told_gateway final : public runtime::gateway {
 public:
  std::deque<result<runtime::receipt>> answers;
  std::vector<std::string> asked;

  void ask(runtime::command_request request, runtime::receipt_handler answer) override {
    asked.push_back(request.command_id);
    auto next = answers.front();
    answers.pop_front();
    answer(std::move(next));
  }
  void view(runtime::view_request, runtime::view_handler) override {}
};

class no_pause final : public sagas::timer {
 public:
  void after(duration, std::function<void()> action) override { action(); }
} at_once;

runtime::command_request command(std::string id) {
  runtime::command_request request;
  request.command_id = std::move(id);
  return request;
}

}  // namespace

TEST_CASE("sample data: each command is sent once, in order, and what exists already is fine") {
  told_gateway gateway;
  gateway.answers = {runtime::receipt{1, {0}, false}, runtime::receipt{1, {0}, true},
                     failure(error_kind::conflict, "product_exists", "it is there"),
                     failure(error_kind::internal, "disk_failed", "broken")};
  std::vector<runtime::command_request> commands;
  for (const char* id : {"a", "b", "c", "d"}) commands.push_back(command(id));
  int calls = 0;
  send_sample_data(gateway, at_once, std::move(commands), [&](const sample_outcome& outcome) {
    ++calls;
    CHECK(outcome.created == 1);
    CHECK(outcome.there_already == 2);
    CHECK(outcome.failed == 1);
    CHECK(outcome.last_failure.code == "disk_failed");
  });
  CHECK(calls == 1);
  CHECK(gateway.asked == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("sample data: what may come right is asked again under the same id, but not for ever") {
  told_gateway gateway;
  const auto no_leader = failure(error_kind::unavailable, "no_leader", "ask again");
  gateway.answers = {no_leader, failure(error_kind::timeout, "leadership_lost", "ask again"), runtime::receipt{1, {0}, false}};
  gateway.answers.insert(gateway.answers.end(), 100, no_leader);
  sample_outcome seen;
  send_sample_data(gateway, at_once, {command("a"), command("b")}, [&](const sample_outcome& outcome) { seen = outcome; });
  CHECK(seen.created == 1);
  CHECK(seen.failed == 1);
  CHECK(std::ranges::count(gateway.asked, "a") == 3);
  CHECK(std::ranges::count(gateway.asked, "b") == 100);
}

TEST_CASE("sample data: nothing to send is done at once") {
  told_gateway gateway;
  bool done = false;
  send_sample_data(gateway, at_once, {}, [&](const sample_outcome&) { done = true; });
  CHECK(done);
}
