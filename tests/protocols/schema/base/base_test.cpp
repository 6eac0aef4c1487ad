// Covers: protocols/schema/base/assert.cpp
#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/base/hash.hpp"
#include "protocols/schema/base/result.hpp"
#include "protocols/schema/base/strong.hpp"
#include "protocols/schema/base/time.hpp"
#include "tests/protocols/schema/property.hpp"

using namespace bv;

namespace {

result<int> positive(int n) {
  if (n <= 0) return failure(error_kind::invalid, "not_positive", "must be positive", "n");
  return n;
}

result<int> sum(int a, int b) {
  BV_TRY(positive(a));
  BV_ASSIGN(const int checked, positive(b));
  return a + checked;
}

}  // namespace

TEST_CASE("result: BV_TRY and BV_ASSIGN hand the first error on") {
  CHECK(sum(1, 2) == 3);
  CHECK(sum(0, 2).error().code == "not_positive");
  CHECK(sum(1, -2).error().context == "n");
  CHECK(describe(sum(1, -2).error()) == "not_positive: must be positive (n)");
}

TEST_CASE("result: the name of every kind gives the kind again") {
  for (const auto kind : {error_kind::invalid, error_kind::unauthenticated, error_kind::forbidden, error_kind::not_found,
                          error_kind::conflict, error_kind::precondition_failed, error_kind::too_large,
                          error_kind::overloaded, error_kind::unavailable, error_kind::timeout, error_kind::internal})
    CHECK(error_kind_from(to_string(kind)) == kind);
  CHECK(error_kind_from("of a later version") == error_kind::internal);
}

TEST_CASE("assert: a broken invariant ends the process and says where") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  if (child == 0) {
    // doctest would report the abort as its own failure
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], 2);
    BV_ASSERT(1 + 1 == 3, "arithmetic holds");
    _exit(0);
  }
  close(ends[1]);
  std::string said(200, '\0');
  const auto count = read(ends[0], said.data(), said.size());
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  said.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  CHECK(said.find("base_test.cpp") != said.npos);
  CHECK(said.find("arithmetic holds") != said.npos);
}

TEST_CASE("entity_key: parts come back from the canonical form") {
  const auto key = entity_key::make("default", "cart", "alice@home");
  CHECK(key.error().code == "bad_address");
  CHECK(key.error().context == "id");
  const auto good = entity_key::make("default", "cart", "alice~1:2_3-4.5");
  REQUIRE(good);
  CHECK(good->text() == "default/cart/alice~1:2_3-4.5");
  CHECK(good->tenant() == "default");
  CHECK(good->type() == "cart");
  CHECK(good->id() == "alice~1:2_3-4.5");
  CHECK(good->type_and_id() == "cart/alice~1:2_3-4.5");
  CHECK(entity_key::parse(good->text()) == *good);
  CHECK_FALSE(entity_key::parse("cart/alice"));
  CHECK_FALSE(entity_key::make("default", "", "x"));
  CHECK_FALSE(entity_key::make("default", "cart", std::string(129, 'x')));
  CHECK(entity_key::make("default", "cart", std::string(128, 'x')));
  CHECK_FALSE(entity_key::parse("a/b/c/d"));
}

TEST_CASE("hash: xxh3 as its authors publish it") {
  // xxhsum -H3 and -H128 of the empty input
  CHECK(hash64("") == 0x2d06800538d394c2ULL);
  CHECK(to_hex(hash128("")) == "99aa06d3014798d86001c324468d497f");
  CHECK(hash128("a") != hash128("b"));
}

TEST_CASE("time: RFC 3339 there and back") {
  CHECK(to_rfc3339({0}) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339({1'500'000'000}) == "1970-01-01T00:00:01.5Z");
  CHECK(parse_rfc3339("2026-11-21T09:00:00+01:00") == parse_rfc3339("2026-11-21T08:00:00Z"));
  CHECK(parse_rfc3339("2026-11-21t08:00:00z") == parse_rfc3339("2026-11-21T08:00:00.000Z"));
  for (const auto* bad : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:00:00",
                          "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00+25:00", "9999-01-01T00:00:00Z",
                          "2026-11-21T08:00:00Zx", "2026-11-21T08:00:00+0100"})
    CHECK_MESSAGE(!parse_rfc3339(bad), bad);
  bv::testing::property("every moment that can be held", [](std::int64_t ns) {
    const timestamp moment{ns};
    // The parser keeps whole years, so that it needs no care at the ends of the range.
    const auto text = to_rfc3339(moment);
    if (text >= "1678" && text < "2262") RC_ASSERT(parse_rfc3339(text) == moment);
  });
}

TEST_CASE("strong: numbers of different kinds are different types") {
  using apples = strong<struct apple_tag, int>;
  using pears = strong<struct pear_tag, int>;
  static_assert(!std::is_convertible_v<apples, pears>);
  static_assert(!std::is_convertible_v<int, apples>);
  CHECK(apples(1).next() == apples(2));
  CHECK(apples(1) < apples(2));
}
