#include "tools/processes/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bv::processes {
namespace {

/// The child's exit code if it can't become the program. Says why on standard error.
constexpr int exit_not_started = 127;
constexpr std::size_t said_max_bytes = 1u << 20;

tl::unexpected<error> no_process(const std::string& what) {
  return failure(error_kind::internal, "no_process", what + ": " + std::strerror(errno));
}

std::string name_of(const launch& what) { return what.program.empty() ? "bv" : what.program; }

/// All that the child needs, made before fork(): between that and exec() nothing may allocate, for another thread may have held
/// the allocator's lock.
struct prepared {
  explicit prepared(const launch& what) : texts{name_of(what)} {
    for (const auto& one : what.arguments) texts.push_back(one);
    const auto arguments = texts.size();
    for (char** one = environ; *one != nullptr; ++one)
      if (std::strncmp(*one, "BV_", 3) != 0) texts.emplace_back(*one);
    for (const auto& [name, value] : what.variables) texts.push_back(name + "=" + value);
    for (std::size_t i = 0; i < texts.size(); ++i) (i < arguments ? argv : env).push_back(texts[i].data());
    argv.push_back(nullptr);
    env.push_back(nullptr);
  }
  std::vector<std::string> texts;
  std::vector<char*> argv, env;
};

[[noreturn]] void give_up(const char* what) {
  const char* const why = strerrordesc_np(errno);
  for (const char* one : {what, ": ", why == nullptr ? "?" : why, "\n"})
    if (::write(STDERR_FILENO, one, std::strlen(one)) < 0) break;
  ::_exit(exit_not_started);
}

[[noreturn]] void become(const launch& what, const prepared& with, int output, int network, int parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_not_started);  // it ended before we asked to be told
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) ::signal(number, SIG_DFL);
  if (output >= 0 && (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0)) give_up("dup2");
  if (network >= 0 && ::setns(network, CLONE_NEWNET) != 0) give_up("can't enter the network namespace");
  if (!what.folder.empty() && ::chdir(what.folder.c_str()) != 0) give_up("can't go to its folder");
  ::execvpe(what.program.empty() ? "/proc/self/exe" : what.program.c_str(), with.argv.data(), with.env.data());
  give_up(with.argv[0]);
}

/// A file descriptor that closes itself.
struct descriptor {
  int number = -1;
  ~descriptor() {
    if (number >= 0) ::close(number);
  }
};

process_end end_of(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

}  // namespace

std::string describe(const process_end& how) {
  if (how.signal != 0) return "was ended by signal " + std::to_string(how.signal);
  return "ended with exit code " + std::to_string(how.code);
}

result<child_process> child_process::start(const launch& what) {
  descriptor output;
  if (!what.log_file.empty()) {
    output.number = ::open(what.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (output.number < 0) return no_process("can't write " + what.log_file);
  }
  return start(what, output.number);
}

result<child_process> child_process::start(const launch& what, int output) {
  descriptor network;
  if (!what.network_namespace.empty()) {
    network.number = ::open(what.network_namespace.c_str(), O_RDONLY | O_CLOEXEC);
    if (network.number < 0) return no_process("can't open the network namespace " + what.network_namespace);
  }
  const prepared with(what);
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid == 0) become(what, with, output, network.number, parent);
  if (pid < 0) return no_process("can't start " + name_of(what));
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (handle >= 0) return child_process(pid, handle);
  auto why = no_process("can't watch a process");
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return why;
}

child_process::~child_process() {
  if (pid_ < 0) return;
  kill();
  ::close(handle_);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), handle_(std::exchange(other.handle_, -1)), end_(other.end_) {}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(handle_, other.handle_);
  std::swap(end_, other.end_);
  return *this;
}

void child_process::signal(int number) {
  if (!end_) ::kill(pid_, number);  // its id is taken by nobody else until we have waited for it
}

std::optional<process_end> child_process::wait(std::chrono::milliseconds within) {
  if (end_) return end_;
  pollfd ended{handle_, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(within.count())) <= 0) return std::nullopt;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  end_ = end_of(status);
  return end_;
}

process_end child_process::kill() {
  signal(SIGKILL);
  while (!end_) wait(std::chrono::milliseconds(1000));
  return *end_;
}

result<std::string> run_program(const launch& what) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return no_process("can't make a pipe");
  const descriptor ours{ends[0]};
  descriptor theirs{ends[1]};
  BV_ASSIGN(auto started, child_process::start(what, theirs.number));
  ::close(std::exchange(theirs.number, -1));
  std::string said;
  std::array<char, 4096> page;
  while (true) {
    const auto count = ::read(ours.number, page.data(), page.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    if (said.size() < said_max_bytes) said.append(page.data(), static_cast<std::size_t>(count));
  }
  std::optional<process_end> end;
  while (!end) end = started.wait(std::chrono::milliseconds(1000));
  if (*end == process_end{}) return said;
  auto line = name_of(what);
  for (const auto& one : what.arguments) line += " " + one;
  return failure(error_kind::internal, "command_failed", "`" + line + "` " + describe(*end) + ": " + said);
}

}  // namespace bv::processes
