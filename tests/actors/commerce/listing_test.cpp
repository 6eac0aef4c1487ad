#include "actors/commerce/listing.hpp"

#include "tests/actors/commerce/read_model.hpp"

using namespace bv;
using namespace bv::commerce;
using namespace bv::test;

namespace {

memory_rows numbered(int count) {
  memory_rows rows;
  for (int i = 0; i < count; ++i)
    rows.put("x/" + ascending(static_cast<std::uint64_t>(i)), std::to_string(i));
  rows.put("w", "before");
  rows.put("x0", "behind");
  return rows;
}

/// Pages through everything that `wanted` lets pass.
std::vector<std::string> read_all(const memory_rows& rows, const index_range& range, std::size_t limit,
                                  const std::function<bool(const bytes&)>& wanted, int& pages) {
  std::vector<std::string> seen;
  std::optional<std::string> cursor;
  do {
    const auto before = seen.size();
    const auto next =
        fill_page(rows, range, 'x', cursor, limit, [&](const index_entry& entry) -> result<bool> {
          if (!wanted(entry.value)) return false;
          seen.push_back(entry.value);
          return true;
        });
    REQUIRE(next.has_value());
    CHECK(seen.size() - before <= limit);
    cursor = *next;
    ++pages;
  } while (cursor);
  return seen;
}

}  // namespace

TEST_CASE("listing: numbers and moments sort as bytes") {
  CHECK(ascending(1) < ascending(256));
  CHECK(ascending(~0ull).size() == 8);
  CHECK(newest_first({2}) < newest_first({1}));
}

TEST_CASE("listing: the end of a prefix lies behind all that begin with it") {
  CHECK(after_all("a/") == "a0");
  CHECK(after_all("a\xff\xff") == "b");
}

TEST_CASE("listing: pages show everything once, in order and in reverse") {
  const auto rows = numbered(10);
  for (const std::size_t limit : {1u, 3u, 5u, 10u, 11u}) {
    int pages = 0;
    const auto forward = read_all(
        rows, {"x/"}, limit, [](const bytes&) { return true; }, pages);
    REQUIRE(forward.size() == 10);
    CHECK(forward.front() == "0");
    CHECK(pages == static_cast<int>((10 + limit - 1) / limit));
    pages = 0;
    auto backward = read_all(
        rows, {"x/", {}, {}, true}, limit, [](const bytes&) { return true; }, pages);
    std::reverse(backward.begin(), backward.end());
    CHECK(backward == forward);
  }
}

TEST_CASE("listing: a range within the prefix is kept, with a cursor too") {
  const auto rows = numbered(10);
  for (const bool descending : {false, true}) {
    int pages = 0;
    const auto seen = read_all(
        rows, {"x/", ascending(3), ascending(8), descending}, 2, [](const bytes&) { return true; }, pages);
    CHECK(seen.size() == 5);
    CHECK(pages == 3);
  }
}

TEST_CASE("listing: a request looks at a bounded number of rows, and the next goes on from there") {
  const auto rows = numbered(5'000);
  int pages = 0;
  const auto seen = read_all(
      rows, {"x/"}, 10, [](const bytes& value) { return value == "4999"; }, pages);
  CHECK(seen == std::vector<std::string>{"4999"});
  CHECK(pages == 3);
  CHECK(rows.rows_read <= 5'000 + 3);
}

TEST_CASE("listing: a cursor that was not given for this order is refused") {
  const auto place = ascending(5);
  CHECK(from_cursor('x', to_cursor('x', place)) == place);
  for (const auto* wrong : {"", "x", "x0", "xzz", "x0g", "y05", "x050"})
    CHECK(from_cursor('x', wrong).error().code == "cursor_invalid");
  const auto rows = numbered(3);
  const auto page =
      fill_page(rows, {"x/"}, 'x', "garbage", 5, [](const index_entry&) -> result<bool> { return true; });
  CHECK(page.error().kind == error_kind::invalid);
}
