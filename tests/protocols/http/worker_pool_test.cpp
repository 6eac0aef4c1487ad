#include "protocols/http/worker_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

using bv::http::worker_pool;

TEST_CASE("worker pool: refuses what is too much, and finishes what it took") {
  std::atomic<int> done{0};
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  std::promise<void> started;
  worker_pool pool(1, 2);
  REQUIRE(pool.run([&] {
    started.set_value();
    opened.wait();
    ++done;
  }));
  started.get_future().wait();
  CHECK(pool.run([&] { ++done; }));
  CHECK(pool.run([&] { ++done; }));
  CHECK_FALSE(pool.run([&] { ++done; }));
  gate.set_value();
  pool.stop();
  CHECK(done == 3);
  CHECK_FALSE(pool.run([&] { ++done; }));
}
