#include "storage/cached_table.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>

namespace bv::storage {
namespace {

/// Rows in a map; counts the reads, and lets something happen between a read and its answer.
class counting_table final : public table {
 public:
  std::map<bytes, bytes, std::less<>> rows;
  mutable int reads = 0;
  mutable std::function<void()> after_read;

  result<void> write(std::vector<table_write> changes) override {
    for (auto& change : changes)
      if (change.value)
        rows.insert_or_assign(std::move(change.key), std::move(*change.value));
      else
        rows.erase(change.key);
    return {};
  }
  result<std::optional<bytes>> get(bytes_view key) const override {
    ++reads;
    const auto found = rows.find(key);
    auto answer = found == rows.end() ? std::nullopt : std::optional(found->second);
    if (after_read) std::exchange(after_read, nullptr)();
    return answer;
  }
  result<void> scan(bytes_view, bytes_view, bool, const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    for (const auto& [key, value] : rows) visit(key, value);
    return {};
  }
};

struct world {
  std::shared_ptr<counting_table> behind = std::make_shared<counting_table>();
  std::unique_ptr<table> cached = make_cached_table(behind, 64 << 10);
  std::optional<bytes> get(bytes_view key) {
    auto found = cached->get(key);
    REQUIRE(found.has_value());
    return *found;
  }
};

}  // namespace

TEST_CASE("cached table: a row is read once, until it is written") {
  world w;
  REQUIRE(w.cached->write({{"mug", "3"}, {"pen", "7"}}));
  CHECK(w.get("mug") == "3");
  CHECK(w.get("mug") == "3");
  CHECK(w.behind->reads == 1);
  REQUIRE(w.cached->write({{"mug", "2"}}));
  CHECK(w.get("mug") == "2");
  CHECK(w.get("pen") == "7");
  CHECK(w.behind->reads == 3);
  REQUIRE(w.cached->write({{"mug", {}}}));
  CHECK_FALSE(w.get("mug").has_value());
}

TEST_CASE("cached table: a missing row is asked for again") {
  world w;
  CHECK_FALSE(w.get("mug").has_value());
  w.behind->rows["mug"] = "came without us";
  CHECK(w.get("mug") == "came without us");
}

TEST_CASE("cached table: a row that was read before a write and answered after it is not kept") {
  world w;
  REQUIRE(w.cached->write({{"mug", "3"}}));
  w.behind->after_read = [&] { REQUIRE(w.cached->write({{"mug", "2"}})); };
  CHECK(w.get("mug") == "3");
  CHECK(w.get("mug") == "2");
}

TEST_CASE("cached table: it holds a bounded number of bytes") {
  world w;
  const bytes large(4 << 10, 'x');
  for (int i = 0; i < 200; ++i) REQUIRE(w.cached->write({{"row" + std::to_string(i), large}}));
  const auto read_all = [&] {
    w.behind->reads = 0;
    for (int i = 0; i < 200; ++i) CHECK(w.get("row" + std::to_string(i)) == large);
    return w.behind->reads;
  };
  CHECK(read_all() == 200);
  CHECK(read_all() > 100);  // 800 KiB of rows in 64 KiB
}

TEST_CASE("cached table: a scan sees what is behind") {
  world w;
  REQUIRE(w.cached->write({{"a", "1"}, {"b", "2"}}));
  std::size_t seen = 0;
  REQUIRE(w.cached->scan("", "", false, [&](bytes_view, bytes_view) { return ++seen, true; }));
  CHECK(seen == 2);
}

}  // namespace bv::storage
