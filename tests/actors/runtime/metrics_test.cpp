#include "actors/runtime/metrics.hpp"

#include <doctest/doctest.h>

using bv::runtime::histogram;

TEST_CASE("histogram: a bucket holds what is at most its bound and above the one before") {
  histogram seen;
  for (const std::uint64_t value : {0, 1, 2, 3, 4, 5, 1024, 1025}) seen.observe(value);
  const auto view = seen.read();
  CHECK(view.count == 8);
  CHECK(view.sum == 0 + 1 + 2 + 3 + 4 + 5 + 1024 + 1025);
  CHECK(view.buckets[0] == 2);   // 0, 1
  CHECK(view.buckets[1] == 1);   // 2
  CHECK(view.buckets[2] == 2);   // 3, 4
  CHECK(view.buckets[3] == 1);   // 5
  CHECK(view.buckets[10] == 1);  // 1024
  CHECK(view.buckets[11] == 1);  // 1025
  CHECK(histogram::upper_bound(10) == 1024);
}

TEST_CASE("histogram: what is beyond the last bound is counted in the last bucket") {
  histogram seen;
  seen.observe(~std::uint64_t{0});
  CHECK(seen.read().buckets[histogram::bucket_count - 1] == 1);
}

TEST_CASE("histogram: views add up") {
  histogram a, b;
  a.observe(3);
  b.observe(3);
  b.observe(100);
  auto sum = a.read();
  sum.add(b.read());
  CHECK(sum.count == 3);
  CHECK(sum.sum == 106);
  CHECK(sum.buckets[2] == 2);
}
