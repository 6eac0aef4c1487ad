// What a table promises, whatever it is made of.
// covers: storage/table.cpp storage/memory_table.cpp
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/storage/worlds.hpp"

namespace bv::storage {
namespace {

using rows = std::vector<std::pair<bytes, bytes>>;

rows scan(const table& from, bytes_view first, bytes_view until, bool reverse, std::size_t count_max = 1000) {
  rows found;
  REQUIRE(from.scan(first, until, reverse, [&](bytes_view key, bytes_view value) {
    found.emplace_back(key, value);
    return found.size() < count_max;
  }));
  return found;
}

}  // namespace

TEST_CASE_TEMPLATE("table: rows come in order, from both ends, between bounds", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto orders = *world.now.tables->open("orders");
  auto others = *world.now.tables->open("orders2");
  REQUIRE(others->write({{"b", "other"}}));
  REQUIRE(orders->write({{"c", "3"}, {"a", "1"}, {"b", "2"}, {bytes("\xff\xff", 2), "last"}, {"", "empty"}}));
  CHECK(scan(*orders, "", "", false) ==
        rows{{"", "empty"}, {"a", "1"}, {"b", "2"}, {"c", "3"}, {bytes("\xff\xff", 2), "last"}});
  CHECK(scan(*orders, "", "", true, 2) == rows{{bytes("\xff\xff", 2), "last"}, {"c", "3"}});
  CHECK(scan(*orders, "a", "c", false) == rows{{"a", "1"}, {"b", "2"}});
  CHECK(scan(*orders, "a", "c", true) == rows{{"b", "2"}, {"a", "1"}});
  CHECK(scan(*orders, "aa", "bb", true) == rows{{"b", "2"}});
  CHECK(scan(*orders, "c", "a", false).empty());
  CHECK(scan(*others, "", "", true) == rows{{"b", "other"}});
  CHECK(**orders->get("b") == "2");
  CHECK_FALSE(orders->get("bb")->has_value());
  REQUIRE(orders->write({{"b", {}}, {"c", "33"}}));
  CHECK_FALSE(orders->get("b")->has_value());
  CHECK(**orders->get("c") == "33");
}

TEST_CASE_TEMPLATE("table: a scan sees the table as it was when it began", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto orders = *world.now.tables->open("orders");
  REQUIRE(orders->write({{"a", "1"}, {"b", "2"}}));
  rows found;
  REQUIRE(orders->scan("", "", false, [&](bytes_view key, bytes_view value) {
    REQUIRE(orders->write({{"b", "changed"}, {"c", "new"}}));
    found.emplace_back(key, value);
    return true;
  }));
  CHECK(found == rows{{"a", "1"}, {"b", "2"}});
}

TEST_CASE_TEMPLATE("table: tables are named, kept by a clean stop, and dropped whole", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto orders = *world.now.tables->open("orders");
  auto stock = *world.now.tables->open("stock-v1.2");
  REQUIRE(orders->write({{"a", "1"}}));
  REQUIRE(stock->write({{"s", "5"}}));
  CHECK(*world.now.tables->names() == std::vector<std::string>{"orders", "stock-v1.2"});
  orders.reset();
  stock.reset();
  REQUIRE(world.now.close());
  REQUIRE(world.open());
  orders = *world.now.tables->open("orders");
  CHECK(**orders->get("a") == "1");
  REQUIRE(world.now.tables->drop("orders"));
  REQUIRE(world.now.tables->drop("never-was"));
  CHECK(orders->get("a").error().kind == error_kind::not_found);
  CHECK(orders->write({{"a", "2"}}).error().kind == error_kind::not_found);
  CHECK(orders->scan("", "", false, [](auto, auto) { return true; }).error().kind == error_kind::not_found);
  CHECK(*world.now.tables->names() == std::vector<std::string>{"stock-v1.2"});
  auto again = *world.now.tables->open("orders");
  CHECK_FALSE(again->get("a")->has_value());
  CHECK_FALSE(orders->get("a"));
}

TEST_CASE_TEMPLATE("table: a crash leaves a prefix of the writes", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  auto orders = *world.now.tables->open("orders");
  for (int i = 0; i < 50; ++i) {
    // Two rows that are always written together.
    REQUIRE(orders->write({{"left", std::to_string(i)}, {"right", std::to_string(i)}}));
    if (i == 20) REQUIRE(world.now.derived->flush());
  }
  orders.reset();
  world.crash();
  REQUIRE(world.open());
  orders = *world.now.tables->open("orders");
  const auto left = *orders->get("left"), right = *orders->get("right");
  REQUIRE(left);
  CHECK(left == right);
  CHECK(std::stoi(*left) >= 20);
}

TEST_CASE_TEMPLATE("table: names are checked", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  for (const auto& name : {std::string(), std::string("Upper"), std::string("a/b"), std::string(101, 'a')})
    CHECK(world.now.tables->open(name).error().code == "bad_table_name");
  CHECK(world.now.tables->open(std::string(100, 'a')));
}

TEST_CASE_TEMPLATE("table: it behaves like an ordered map", World, BV_WORLDS) {
  World world;
  REQUIRE(world.open());
  int round = 0;
  CHECK(rc::check([&] {
    const auto subject = *world.now.tables->open("t" + std::to_string(round++));
    std::map<bytes, bytes> model;
    const auto key = rc::gen::container<std::string>(rc::gen::element('a', 'b', '\xff', '\0'));
    for (int step = *rc::gen::inRange(1, 20); step > 0; --step) {
      std::vector<table_write> changes;
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        const bytes k = *key;
        if (*rc::gen::arbitrary<bool>()) {
          changes.push_back({k, std::to_string(step)});
          model[k] = std::to_string(step);
        } else {
          changes.push_back({k, {}});
          model.erase(k);
        }
      }
      RC_ASSERT(subject->write(changes).has_value());
    }
    const bytes from = *key, until = *key;
    rows expected;
    for (const auto& [k, v] : model)
      if (k >= from && (until.empty() || k < until)) expected.emplace_back(k, v);
    RC_ASSERT(scan(*subject, from, until, false) == expected);
    std::reverse(expected.begin(), expected.end());
    RC_ASSERT(scan(*subject, from, until, true) == expected);
  }));
}

}  // namespace bv::storage
