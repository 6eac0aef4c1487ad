#include "protocols/schema/commerce/payment.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/money.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::payment {
namespace {

using namespace bv::test;
using namespace std::chrono_literals;

struct payment_story : scenario<contract> {
  payment_story() : scenario(make_payment(), "payment", "pay-1") {}
};

money usd(std::int64_t minor) {
  return {minor, "USD"};
}

const payment::request wish{"order-1", "alice", usd(25'00)};
const event is_requested = requested{"pay-1", "order-1", "alice", usd(25'00), start};
const event is_authorized = authorized{"A-1", start};
const event is_captured = captured{usd(25'00), start};

using events = std::vector<event>;

const std::vector<std::pair<status, events>> histories = {
    {status::unrequested, {}},
    {status::requested, {is_requested}},
    {status::authorized, {is_requested, is_authorized}},
    {status::captured, {is_requested, is_authorized, is_captured}},
    {status::refunded,
     {is_requested, is_authorized, is_captured, refund_made{"r-0", usd(25'00), usd(0), "", start}}},
    {status::declined, {is_requested, declined{"no", start}}},
    {status::voided, {is_requested, voided{"pay-1", "late", start}}},
    {status::timed_out, {is_requested, timed_out{start}}},
};
const events& history(status of) {
  return histories[static_cast<std::size_t>(of)].second;
}

struct way {
  command asked;
  status to;
  std::vector<status> from;
  std::vector<status> without_effect = {};
};
const std::vector<way> ways = {
    {authorize{"A-1"},
     status::authorized,
     {status::requested},
     {status::authorized, status::captured, status::refunded}},
    {decline{"no"}, status::declined, {status::requested}, {status::declined}},
    {record_failed_attempt{"down"}, status::requested, {status::requested}},
    {capture{}, status::captured, {status::authorized}, {status::captured}},
    {void_authorization{"late"},
     status::voided,
     {status::unrequested, status::requested, status::authorized},
     {status::declined, status::voided, status::timed_out}},
    {make_refund{"r-1", {}, {}}, status::refunded, {status::captured}},
};

bool holds(const std::vector<status>& among, status one) {
  return std::find(among.begin(), among.end(), one) != among.end();
}

}  // namespace

TEST_CASE("payment: it is asked for once") {
  payment_story story;
  story.when(wish).then({is_requested});
  story.when(wish).without_effect();
  story.when(payment::request{"order-2", "alice", usd(25'00)}).rejected("payment_exists");
  story.when(payment::request{"order-1", "alice", usd(26'00)}).rejected("payment_exists");
}

TEST_CASE("payment: nothing or less can't be paid") {
  payment_story story;
  story.when(payment::request{"order-1", "alice", usd(0)})
      .rejected("amount_not_positive", error_kind::invalid);
}

TEST_CASE("payment: authorize, capture, and it is paid") {
  payment_story story;
  story.given({is_requested}).when(authorize{"A-1"}).then({is_authorized});
  story.when(capture{}).then({is_captured});
  CHECK(story.now_held().status == status::captured);
  CHECK(story.now_held().authorization_code == "A-1");
  CHECK(story.wakes_at() == timestamp{});
}

TEST_CASE("payment: every transition leads where it may, and is refused from everywhere else") {
  for (const auto& way : ways)
    for (const auto& [from, history] : histories) {
      CAPTURE(to_string(from));
      CAPTURE(to_string(way.to));
      payment_story story;
      story.given(history);
      REQUIRE(story.now_held().status == from);
      story.when(way.asked);
      if (holds(way.from, from))
        CHECK(story.now_held().status == way.to);
      else if (holds(way.without_effect, from))
        story.without_effect();
      else if (from == status::unrequested)
        story.rejected("payment_unknown", error_kind::not_found);
      else
        story.rejected("payment_transition");
    }
}

TEST_CASE("payment: a second authorization is not a repeated one") {
  payment_story story;
  story.given(history(status::authorized)).when(authorize{"A-2"}).rejected("payment_transition");
}

TEST_CASE("payment: a void that overtakes the request forbids it") {
  payment_story story;
  story.when(void_authorization{"gave up"}).then({voided{"pay-1", "gave up", start}});
  story.when(wish).rejected("payment_transition");
  CHECK(story.wakes_at() == timestamp{});
}

TEST_CASE("payment: the fifth failed attempt declines it") {
  payment_story story;
  story.given({is_requested});
  for (std::uint32_t attempt = 1; attempt <= 4; ++attempt)
    story.when(record_failed_attempt{"down"}).then({attempt_failed{"down", attempt, start}});
  story.when(record_failed_attempt{"down"});
  story.then({attempt_failed{"down", 5, start}, declined{"processor_unavailable", start}});
  CHECK(story.now_held().status == status::declined);
}

TEST_CASE("payment: unfinished after thirty minutes it times out") {
  for (const auto until : {status::requested, status::authorized}) {
    payment_story story;
    story.given(history(until));
    CHECK(story.wakes_at() == start + 30min);
    story.at(start + 30min - 1ns).when(expire{}).without_effect();
    story.when_woken().then({timed_out{start + 30min}});
    CHECK(story.wakes_at() == timestamp{});
  }
}

TEST_CASE("payment: its time counts, even before the timer came") {
  payment_story story;
  story.given({is_requested}).at(start + 30min).when(authorize{"A-1"}).rejected("payment_timed_out");
  payment_story authorized_one;
  authorized_one.given({is_requested, is_authorized}).at(start + 30min);
  authorized_one.when(capture{}).rejected("payment_timed_out");
}

TEST_CASE("payment: it is given back in parts, never more than was taken") {
  payment_story story;
  story.given(history(status::captured)).when(make_refund{"r-1", usd(10'00), "scratch"});
  story.then({refund_made{"r-1", usd(10'00), usd(15'00), "scratch", start}});
  CHECK(story.now_held().status == status::captured);
  story.when(make_refund{"r-2", usd(15'01), {}}).rejected("refund_above_captured");
  story.when(make_refund{"r-2", {}, {}}).then({refund_made{"r-2", usd(15'00), usd(0), "", start}});
  CHECK(story.now_held().status == status::refunded);
  CHECK(story.now_held().refunded == usd(25'00));
  story.when(make_refund{"r-3", usd(1), {}}).rejected("payment_transition");
}

TEST_CASE("payment: the same refund again is accepted without effect") {
  payment_story story;
  story.given(history(status::captured)).when(make_refund{"r-1", usd(10'00), {}});
  story.when(make_refund{"r-1", usd(10'00), {}}).without_effect();
  story.when(make_refund{"r-1", {}, {}}).without_effect();
  story.when(make_refund{"r-1", usd(11'00), {}}).rejected("refund_conflict");
}

TEST_CASE("payment: a refund is an amount of what was paid in") {
  payment_story story;
  story.given(history(status::captured));
  story.when(make_refund{"r-1", usd(0), {}}).rejected("amount_not_positive", error_kind::invalid);
  story.when(make_refund{"r-1", money{1, "EUR"}, {}}).rejected("currency_mixed");
}

TEST_CASE("payment: at most a hundred refunds") {
  payment_story story;
  story.given(history(status::captured));
  for (int i = 0; i < 100; ++i) story.when(make_refund{"r-" + std::to_string(i), usd(1), {}});
  story.when(make_refund{"r-100", usd(1), {}}).rejected("too_many_refunds");
}

TEST_CASE("payment: reversing undoes it however far it came") {
  for (const auto& [from, history] : histories) {
    CAPTURE(to_string(from));
    payment_story story;
    story.given(history).when(reverse{"r-1", "undo"});
    switch (from) {
      case status::unrequested:
      case status::requested:
      case status::authorized: story.then({voided{"pay-1", "undo", start}}); break;
      case status::captured: story.then({refund_made{"r-1", usd(25'00), usd(0), "undo", start}}); break;
      default: story.without_effect();
    }
    story.when(reverse{"r-1", "undo"}).without_effect();
  }
}

}  // namespace bv::commerce::payment
