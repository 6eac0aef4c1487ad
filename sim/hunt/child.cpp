#include "sim/hunt/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace bv::sim {
namespace {

constexpr std::size_t errors_kept_bytes = 4000;

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(to, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ::_exit(1);  // the parent is gone
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

[[noreturn]] void be_child(const children::work& what, int said, int errors, unsigned cpu_seconds_max) {
  ::dup2(errors, STDERR_FILENO);
  // The soft limit ends it with SIGXCPU, which tells a run that never ends from one that crashed.
  const rlimit cpu{cpu_seconds_max, cpu_seconds_max + 1};
  ::setrlimit(RLIMIT_CPU, &cpu);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::signal(SIGINT, SIG_DFL);
  what([said](std::string_view text) { write_all(said, text); });
  std::fflush(stderr);
  // No destructors of the parent's objects: they are the parent's.
  ::_exit(0);
}

/// Reads what is there; closes at the end.
void take(int& from, std::string& into) {
  std::array<char, 65536> page;
  const auto count = ::read(from, page.data(), page.size());
  if (count > 0) return void(into.append(page.data(), static_cast<std::size_t>(count)));
  if (count < 0 && errno == EINTR) return;
  ::close(from);
  from = -1;
}

double seconds_of(const rusage& used) {
  const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return of(used.ru_utime) + of(used.ru_stime);
}

}  // namespace

children::~children() {
  for (auto& [pid, one] : running_) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    for (const int end : {one.said, one.errors})
      if (end >= 0) ::close(end);
  }
}

result<void> children::begin(work what, end_handler ended) {
  while (running_.size() >= at_once_) wait_for_one();
  int said[2], errors[2];
  if (::pipe2(said, O_CLOEXEC) != 0) return failure(error_kind::internal, "no_process", std::strerror(errno));
  if (::pipe2(errors, O_CLOEXEC) != 0) {
    const auto why = errno;
    ::close(said[0]);
    ::close(said[1]);
    return failure(error_kind::internal, "no_process", std::strerror(why));
  }
  std::fflush(nullptr);  // else the child would print what we have buffered once more
  const auto pid = ::fork();
  if (pid == 0) be_child(what, said[1], errors[1], cpu_seconds_max_);
  const auto why = errno;
  ::close(said[1]);
  ::close(errors[1]);
  if (pid < 0) {
    ::close(said[0]);
    ::close(errors[0]);
    return failure(error_kind::internal, "no_process", std::strerror(why));
  }
  running_[pid] = {.pid = pid, .said = said[0], .errors = errors[0], .end = {}, .ended = std::move(ended)};
  return {};
}

void children::finish() {
  while (!running_.empty()) wait_for_one();
}

void children::wait_for_one() {
  // Several may have ended in one look: whoever has is told before the next one, which would wait for nobody.
  while (!tell_one_end()) read_some();
}

void children::read_some() {
  std::vector<pollfd> waiting;
  std::vector<std::pair<int*, std::string*>> ends;
  for (auto& [pid, one] : running_)
    for (auto [from, into] : {std::pair{&one.said, &one.end.said}, std::pair{&one.errors, &one.end.errors}})
      if (*from >= 0) {
        waiting.push_back({*from, POLLIN, 0});
        ends.emplace_back(from, into);
      }
  if (::poll(waiting.data(), waiting.size(), -1) < 0) return;
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (waiting[i].revents != 0) take(*ends[i].first, *ends[i].second);
}

bool children::tell_one_end() {
  const auto over = std::ranges::find_if(running_, [](const auto& one) { return one.second.said < 0 && one.second.errors < 0; });
  if (over == running_.end()) return false;
  reap(over->second);
  auto gone = std::move(over->second);
  running_.erase(over);
  gone.ended(std::move(gone.end));  // may begin others
  return true;
}

void children::reap(running& one) {
  int status = 0;
  rusage used{};
  while (::wait4(one.pid, &status, 0, &used) < 0 && errno == EINTR) {
  }
  one.end.cpu_seconds = seconds_of(used);
  one.end.memory_max_kb = static_cast<std::uint64_t>(used.ru_maxrss);
  if (WIFSIGNALED(status)) one.end.signal = WTERMSIG(status);
  // A sanitizer ends a process that it found something in with an exit code of its own.
  else if (WEXITSTATUS(status) != 0) one.end.signal = SIGABRT;
  one.end.out_of_time = one.end.signal == SIGXCPU || (one.end.signal == SIGKILL && one.end.cpu_seconds >= cpu_seconds_max_);
  if (one.end.errors.size() > errors_kept_bytes) one.end.errors.erase(0, one.end.errors.size() - errors_kept_bytes);
}

result<child_end> in_child(children::work what, unsigned cpu_seconds_max) {
  children alone(1, cpu_seconds_max);
  child_end end;
  BV_TRY(alone.begin(std::move(what), [&](child_end got) { end = std::move(got); }));
  alone.finish();
  return end;
}

}  // namespace bv::sim
