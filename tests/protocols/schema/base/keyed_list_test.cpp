#include "protocols/schema/base/keyed_list.hpp"
#include "tests/protocols/schema/property.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

struct item {
  std::string key;
  int count = 0;
  friend bool operator==(const item&, const item&) = default;
};
using items = bv::keyed_list<item, &item::key>;

std::vector<std::string> keys(const items& list) {
  std::vector<std::string> all;
  for (const auto& one : list) all.push_back(one.key);
  return all;
}

/// What the list promises, in the plainest way.
struct model {
  std::vector<item> all;
  std::vector<item>::iterator find(const std::string& key) {
    return std::find_if(all.begin(), all.end(), [&](const item& one) { return one.key == key; });
  }
};

}  // namespace

TEST_CASE("keyed_list: elements stay in the order in which they came") {
  items list;
  CHECK(list.insert({"pen", 1}));
  CHECK(list.insert({"cup", 2}));
  CHECK(list.insert({"ant", 3}));
  CHECK(keys(list) == std::vector<std::string>{"pen", "cup", "ant"});
  CHECK_FALSE(list.insert({"cup", 9}));
  CHECK(list.find("cup")->count == 2);
  list.put({"cup", 9});
  CHECK(list.find("cup")->count == 9);
  CHECK(keys(list) == std::vector<std::string>{"pen", "cup", "ant"});
  CHECK(list.erase("pen"));
  CHECK_FALSE(list.erase("pen"));
  CHECK(list.front().key == "cup");
  CHECK(list.back().key == "ant");
  CHECK(list.find("pen") == nullptr);
}

TEST_CASE("keyed_list: a copy is a value of its own") {
  items list;
  for (int i = 0; i < 40; ++i) list.insert({"key-" + std::to_string(i), i});
  items copy = list;
  CHECK(copy == list);
  copy.erase("key-7");
  copy.find("key-8")->count = -1;
  CHECK_FALSE(copy == list);
  CHECK(list.find("key-7")->count == 7);
  CHECK(list.find("key-8")->count == 8);
  items moved = std::move(copy);
  CHECK(moved.size() == 39);
  CHECK(moved.find("key-39")->count == 39);
  copy = list;  // NOLINT: a moved-from list can be assigned
  CHECK(copy == list);
  copy = items{{"one", 1}, {"two", 2}, {"one", 3}};
  CHECK(keys(copy) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("keyed_list: behaves as a plain vector with a search, long or short") {
  bv::testing::property([] {
    items list;
    model expected;
    // 60 keys: the list crosses the length from which on it has an index, both ways.
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 60), rc::gen::inRange(0, 5)));
    for (const auto& [number, step] : steps) {
      const item one{"key-" + std::to_string(number), step};
      const auto there = expected.find(one.key);
      if (step <= 1) {
        RC_ASSERT(list.insert(one) == (there == expected.all.end()));
        if (there == expected.all.end()) expected.all.push_back(one);
      } else if (step == 2) {
        list.put(one);
        if (there == expected.all.end())
          expected.all.push_back(one);
        else
          *there = one;
      } else if (step == 3) {
        RC_ASSERT(list.erase(one.key) == (there != expected.all.end()));
        if (there != expected.all.end()) expected.all.erase(there);
      } else {
        RC_ASSERT((list.find(one.key) != nullptr) == (there != expected.all.end()));
        items copy = list;
        list = std::move(copy);
      }
      RC_ASSERT(std::vector<item>(list.begin(), list.end()) == expected.all);
    }
  });
}

TEST_CASE("keyed_list: a hundred thousand elements cost no more each than a thousand do") {
  items list;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) REQUIRE(list.insert({"reservation-" + std::to_string(i), i}));
  // Quadratic work would not come back from here within the test's time limit.
  for (int i = 0; i < count; ++i) REQUIRE(list.find("reservation-" + std::to_string(i))->count == i);
  for (int i = 0; i < count; i += 2) REQUIRE(list.erase("reservation-" + std::to_string(i)));
  CHECK(list.size() == count / 2);
  CHECK(list.front().count == 1);
}

TEST_CASE("keyed_list: an empty one is as small as a pointer and a list") {
  CHECK(sizeof(items) <= 4 * sizeof(void*));
}
