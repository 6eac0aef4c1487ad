#include "sim/hunt/child.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace bv;
using namespace bv::sim;

namespace {

constexpr unsigned plenty_of_seconds = 60;
using sayer = std::function<void(std::string_view)>;

child_end end_of(const children::work& what, unsigned cpu_seconds_max = plenty_of_seconds) {
  auto end = in_child(what, cpu_seconds_max);
  REQUIRE(end.has_value());
  return *std::move(end);
}

void use_cpu_for_ever() {
  while (::getpid() > 0) {
  }
}

}  // namespace

TEST_CASE("child: what it says and what it complains of reaches its parent") {
  const auto end = end_of([](const sayer& say) {
    say("one\n");
    std::fputs("a complaint", stderr);
    say("two\n");
  });
  CHECK(end.said == "one\ntwo\n");
  CHECK(end.errors == "a complaint");
  CHECK(end.signal == 0);
  CHECK_FALSE(end.out_of_time);
  CHECK(end.memory_max_kb > 0);
}

TEST_CASE("child: one that aborts takes only itself along, and what it said before is heard") {
  const auto end = end_of([](const sayer& say) {
    ::signal(SIGABRT, SIG_DFL);  // the test's own handler would report it
    say("so far\n");
    std::fputs("broken invariant", stderr);
    std::abort();
  });
  CHECK(end.said == "so far\n");
  CHECK(end.errors.ends_with("broken invariant"));
  CHECK(end.signal == SIGABRT);
  CHECK_FALSE(end.out_of_time);
}

TEST_CASE("child: one that exits with a complaint counts as aborted, as sanitizers end what they find") {
  const auto end = end_of([](const sayer&) { ::_exit(23); });
  CHECK(end.signal == SIGABRT);
  CHECK_FALSE(end.out_of_time);
}

TEST_CASE("child: one that is killed is not one that ran out of time") {
  const auto end = end_of([](const sayer&) { ::kill(::getpid(), SIGKILL); });
  CHECK(end.signal == SIGKILL);
  CHECK_FALSE(end.out_of_time);
}

TEST_CASE("child: one that never ends is ended when its CPU is used up") {
  const auto end = end_of(
      [](const sayer& say) {
        say("begins\n");
        use_cpu_for_ever();
      },
      1);
  CHECK(end.out_of_time);
  CHECK(end.said == "begins\n");
  CHECK(end.cpu_seconds > 0.5);
  CHECK(end.cpu_seconds < 3);
}

TEST_CASE("child: one that talks a lot is heard to the end, and of its complaints the end is kept") {
  constexpr std::size_t lines = 200'000;
  const auto end = end_of([](const sayer& say) {
    const std::string line(49, 'x');
    for (std::size_t i = 0; i < lines; ++i) say(line + "\n");
    for (int i = 0; i < 10'000; ++i) std::fputs("noise ", stderr);
    std::fputs("the last word", stderr);
  });
  CHECK(end.said.size() == lines * 50);
  CHECK(end.errors.size() == 4000);
  CHECK(end.errors.ends_with("the last word"));
  CHECK(end.signal == 0);
}

TEST_CASE("child: no more run at once than may, and each end is told once") {
  children working(1, plenty_of_seconds);
  std::string ends;
  for (const char name : {'a', 'b', 'c'}) {
    const auto before = ends.size();
    REQUIRE(working.begin([name](const sayer& say) { say(std::string(1, name)); }, [&](const child_end& end) { ends += end.said; })
                .has_value());
    // There was room only once the one before had ended.
    CHECK(before == (name == 'a' ? 0 : name - 'b'));
    CHECK(ends.size() == static_cast<std::size_t>(name - 'a'));
  }
  working.finish();
  CHECK(ends == "abc");
  working.finish();
  CHECK(ends == "abc");
}

TEST_CASE("child: of two that end at the same moment both ends are told") {
  // They have nothing to do, so that now and then both are over before the parent looks.
  for (int i = 0; i < 200; ++i) {
    int ended = 0;
    children both(2, 5);
    for (int k = 0; k < 2; ++k)
      REQUIRE(both.begin([](const auto&) {}, [&](const child_end&) { ++ended; }).has_value());
    both.finish();
    REQUIRE(ended == 2);
  }
}

TEST_CASE("child: an end may begin another child") {
  children working(2, plenty_of_seconds);
  int ended = 0;
  std::function<void(const child_end&)> again = [&](const child_end&) {
    if (++ended < 5) REQUIRE(working.begin([](const sayer&) {}, again).has_value());
  };
  REQUIRE(working.begin([](const sayer&) {}, again).has_value());
  working.finish();
  CHECK(ended == 5);
}

TEST_CASE("child: those that still run are killed when nobody waits for them any more") {
  std::array<int, 2> line{};
  REQUIRE(::pipe(line.data()) == 0);
  bool ended = false;
  {
    children working(1, plenty_of_seconds);
    REQUIRE(working.begin([](const sayer&) { ::pause(); }, [&](const child_end&) { ended = true; }).has_value());
    ::close(line[1]);
  }
  // The child had the other end: it is closed when the child is gone.
  char none = 0;
  CHECK(::read(line[0], &none, 1) == 0);
  ::close(line[0]);
  CHECK_FALSE(ended);
}
