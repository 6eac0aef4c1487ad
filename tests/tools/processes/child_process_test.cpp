#include "tools/processes/child_process.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace bv::processes;
using namespace std::chrono_literals;

namespace {

launch shell(const std::string& script) { return {.program = "/bin/sh", .arguments = {"-c", script}}; }

}  // namespace

TEST_CASE("processes: a program's output, and how it ended") {
  const auto said = run_program(shell("echo one; echo two >&2"));
  REQUIRE(said);
  CHECK(*said == "one\ntwo\n");
  const auto failed = run_program(shell("echo no room; exit 3"));
  REQUIRE(!failed);
  CHECK(failed.error().code == "command_failed");
  CHECK(failed.error().message.find("exit code 3: no room") != std::string::npos);
}

TEST_CASE("processes: a program that is not there is told with its name") {
  const auto failed = run_program({.program = "bv-no-such-program"});
  REQUIRE(!failed);
  CHECK(failed.error().message.find("bv-no-such-program: No such file") != std::string::npos);
}

TEST_CASE("processes: settings of ours reach no child, those that are named do") {
  REQUIRE(::setenv("BV_HTTP_LISTEN", "127.0.0.1:1", 1) == 0);
  auto what = shell("echo ${BV_HTTP_LISTEN-none} $BV_NODE_ID ${HOME:+home}");
  what.variables = {{"BV_NODE_ID", "b"}};
  CHECK(run_program(what).value_or("") == "none b home\n");
  ::unsetenv("BV_HTTP_LISTEN");
}

TEST_CASE("processes: one that runs is waited for, paused and killed") {
  auto sleeper = child_process::start(shell("exec sleep 600"));
  REQUIRE(sleeper);
  CHECK(!sleeper->wait(1ms));
  sleeper->signal(SIGSTOP);
  CHECK(sleeper->kill() == process_end{0, SIGKILL});
  CHECK(sleeper->wait(0ms) == process_end{0, SIGKILL});
  CHECK(describe(sleeper->kill()) == "was ended by signal 9");
}

TEST_CASE("processes: one that nobody holds any more is gone") {
  int pid = 0;
  {
    auto sleeper = child_process::start(shell("exec sleep 600"));
    REQUIRE(sleeper);
    pid = sleeper->pid();
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("processes: a log file is added to, in the folder that was named") {
  const auto folder = std::filesystem::temp_directory_path() / ("bv-processes-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (int i = 0; i < 2; ++i) {
    auto what = shell("pwd");
    what.folder = folder.string();
    what.log_file = (folder / "log").string();
    auto started = child_process::start(what);
    REQUIRE(started);
    CHECK(started->wait(10s) == process_end{});
  }
  std::ostringstream text;
  text << std::ifstream(folder / "log").rdbuf();
  CHECK(text.str() == folder.string() + "\n" + folder.string() + "\n");
  std::filesystem::remove_all(folder);
}
