#include "protocols/schema/commerce/order.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/lines.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::order {
namespace {

using namespace bv::test;
using namespace std::chrono_literals;

struct order_story : scenario<contract> {
  order_story() : scenario(make_order(), "order", "order-1") {}
};

const lines two_mugs{{"MUG-1", "Mug", 2, {12'50, "USD"}}};
const money price{25'00, "USD"};
const place wish{"alice", two_mugs, price, "pay-1"};
const event is_placed = placed{"order-1", "alice", two_mugs, price, "pay-1", start};
const event is_confirmed = confirmed{start};
const event is_paid = paid{start};
const event is_shipped = shipped{"1Z", start};
const event is_delivered = delivered{start};
const event is_cancelled = cancelled{"out_of_stock", start};
const event is_refunded = refunded{price, "broken", start};

using events = std::vector<event>;

place of(lines ordered, std::int64_t total) {
  return {"alice", std::move(ordered), {total, "USD"}, "pay-1"};
}

/// What has happened to an order that stands at each status.
const std::vector<std::pair<status, events>> histories = {
    {status::unplaced, {}},
    {status::pending, {is_placed}},
    {status::confirmed, {is_placed, is_confirmed}},
    {status::paid, {is_placed, is_confirmed, is_paid}},
    {status::shipped, {is_placed, is_confirmed, is_paid, is_shipped}},
    {status::delivered, {is_placed, is_confirmed, is_paid, is_shipped, is_delivered}},
    {status::cancelled, {is_placed, is_cancelled}},
    {status::refunded, {is_placed, is_confirmed, is_paid, is_refunded}},
};
const events& history(status of) {
  return histories[static_cast<std::size_t>(of)].second;
}

/// Where a command leads from where; it is refused from everywhere else.
struct way {
  command asked;
  status to;
  std::vector<status> from;
  std::vector<status> without_effect = {};
};
const std::vector<way> ways = {
    {confirm{}, status::confirmed, {status::pending}, {status::confirmed}},
    {mark_paid{}, status::paid, {status::confirmed}, {status::paid}},
    {ship{"1Z"}, status::shipped, {status::paid}},
    {deliver{}, status::delivered, {status::shipped}},
    {order::cancel{"late"},
     status::cancelled,
     {status::pending, status::confirmed, status::paid},
     {status::unplaced, status::cancelled}},
    {complete_refund{price, "broken"},
     status::refunded,
     {status::paid, status::shipped, status::delivered},
     {status::refunded}},
};

bool holds(const std::vector<status>& among, status one) {
  return std::find(among.begin(), among.end(), one) != among.end();
}

}  // namespace

TEST_CASE("order: the checkout saga places it, pending") {
  order_story story;
  story.when(wish).then({is_placed});
  CHECK(story.now_held().status == status::pending);
  story.when(wish).without_effect();
  story.when(of(two_mugs, 25'01)).rejected("order_exists");
}

TEST_CASE("order: it goes from pending to delivered") {
  order_story story;
  story.given({is_placed}).at(start + 1min).when(confirm{}).then({confirmed{start + 1min}});
  story.when(mark_paid{}).then({paid{start + 1min}});
  story.at(start + 2h).when(ship{"1Z"}).then({shipped{"1Z", start + 2h}});
  story.at(start + 3h).when(deliver{}).then({delivered{start + 3h}});
  CHECK(story.now_held().status == status::delivered);
  CHECK(story.now_held().tracking_code == "1Z");
  CHECK(story.now_held().updated_at == start + 3h);
}

TEST_CASE("order: every transition leads where it may, and is refused from everywhere else") {
  for (const auto& way : ways)
    for (const auto& [from, history] : histories) {
      CAPTURE(to_string(from));
      CAPTURE(to_string(way.to));
      order_story story;
      story.given(history);
      REQUIRE(story.now_held().status == from);
      story.when(way.asked);
      if (holds(way.from, from))
        CHECK(story.now_held().status == way.to);
      else if (holds(way.without_effect, from))
        story.without_effect();
      else if (from == status::unplaced)
        story.rejected("order_unknown", error_kind::not_found);
      else
        story.rejected("order_transition");
    }
}

TEST_CASE("order: its total is the sum of its lines") {
  order_story story;
  story.when(of(two_mugs, 24'99)).rejected("order_total_mismatch", error_kind::invalid);
  auto euros = wish;
  euros.total.currency = "EUR";
  story.when(euros).rejected("order_total_mismatch", error_kind::invalid);
}

TEST_CASE("order: all its lines are in one currency and have a price") {
  order_story story;
  story.when(of({{"A", "A", 1, {20'00, "USD"}}, {"B", "B", 1, {20'00, "EUR"}}}, 40'00))
      .rejected("currency_mixed");
  story.when(of({{"A", "A", 1, {20'00, "USD"}}, {"B", "B", 1, {-5'00, "USD"}}}, 15'00));
  story.rejected("price_out_of_range", error_kind::invalid);
}

TEST_CASE("order: it is worth $10 to $10,000 and has at most fifty lines") {
  order_story story;
  story.when(of({{"A", "A", 1, {9'99, "USD"}}}, 9'99)).rejected("order_below_minimum");
  story.when(of({{"A", "A", 1, {10'000'01, "USD"}}}, 10'000'01)).rejected("order_above_maximum");
  lines many;
  for (int i = 0; i < 51; ++i) many.put({"SKU-" + std::to_string(i), "", 1, {1'00, "USD"}});
  story.when(of(many, 51'00)).rejected("order_too_many_lines");
  many.erase("SKU-0");
  story.when(of(many, 50'00)).then({placed{"order-1", "alice", many, {50'00, "USD"}, "pay-1", start}});
}

TEST_CASE("order: unpaid after thirty minutes it is cancelled") {
  for (const auto until : {status::pending, status::confirmed}) {
    order_story story;
    story.given(history(until));
    CHECK(story.wakes_at() == start + 30min);
    story.at(start + 30min - 1ns).when(expire{}).without_effect();
    story.when_woken().then({cancelled{"unpaid", start + 30min}});
    CHECK(story.now_held().status == status::cancelled);
    CHECK(story.now_held().reason == "unpaid");
    CHECK(story.wakes_at() == timestamp{});
  }
}

TEST_CASE("order: a paid one has no timer, and a late one is ignored") {
  order_story story;
  story.given(history(status::paid));
  CHECK(story.wakes_at() == timestamp{});
  story.at(start + 24h).when(expire{}).without_effect();
}

TEST_CASE("order: its customer may ask to cancel it until the parcel leaves") {
  for (const auto from : {status::pending, status::confirmed, status::paid}) {
    order_story story;
    story.given(history(from)).by("alice").when(request_cancellation{"changed my mind"});
    story.then({cancellation_requested{"changed my mind", "alice", start}});
    CHECK(story.now_held().status == from);
    story.when(request_cancellation{}).without_effect();
  }
  order_story story;
  story.given(history(status::shipped)).by("alice").when(request_cancellation{}).rejected("order_transition");
}

TEST_CASE("order: while a cancellation is being worked on it does not move on") {
  order_story story;
  story.given({is_placed}).by("alice").when(request_cancellation{}).by("");
  story.when(confirm{}).rejected("order_request_pending");
  story.when(order::cancel{"customer"}).then({cancelled{"customer", start}});
  CHECK(story.now_held().request == request::none);

  order_story confirmed_one;
  confirmed_one.given({is_placed, is_confirmed, cancellation_requested{"", "alice", start}});
  confirmed_one.when(mark_paid{}).rejected("order_request_pending");

  order_story paid_one;
  paid_one.given({is_placed, is_confirmed, is_paid, cancellation_requested{"", "alice", start}});
  paid_one.when(ship{}).rejected("order_request_pending");
  paid_one.by("alice").when(request_refund{}).rejected("order_request_pending");
  paid_one.by("").when(decline_request{"too late"});
  paid_one.then({request_declined{request::cancellation, "too late", start}});
  paid_one.when(ship{}).then({shipped{"", start}});
}

TEST_CASE("order: the customer of a paid one may ask for the money back") {
  for (const auto from : {status::paid, status::shipped, status::delivered}) {
    order_story story;
    story.given(history(from)).by("alice").when(request_refund{"broken"});
    story.then({refund_requested{"broken", "alice", start}});
    story.when(request_refund{}).without_effect();
    story.by("").when(complete_refund{price, "broken"}).then({is_refunded});
    CHECK(story.now_held().request == request::none);
  }
  order_story story;
  story.given({is_placed}).by("alice").when(request_refund{}).rejected("order_transition");
}

TEST_CASE("order: nobody but its customer may ask") {
  order_story story;
  story.given(history(status::paid)).by("mallory");
  story.when(request_cancellation{}).rejected("order_not_yours", error_kind::forbidden);
  story.when(request_refund{}).rejected("order_not_yours", error_kind::forbidden);
}

TEST_CASE("order: a refund is part of what was paid, or all of it") {
  order_story story;
  story.given(history(status::delivered));
  story.when(complete_refund{{0, "USD"}, ""}).rejected("amount_not_positive", error_kind::invalid);
  story.when(complete_refund{{25'01, "USD"}, ""}).rejected("refund_above_total");
  story.when(complete_refund{{5'00, "EUR"}, ""}).rejected("currency_mixed");
  story.when(complete_refund{{5'00, "USD"}, "scratch"}).then({refunded{{5'00, "USD"}, "scratch", start}});
}

TEST_CASE("order: declining a request that nobody made changes nothing") {
  order_story story;
  story.given({is_placed}).when(decline_request{"why"}).without_effect();
}

}  // namespace bv::commerce::order
