#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/base/result.hpp"

namespace bv::processes {

using variable_list = std::vector<std::pair<std::string, std::string>>;

/// What is to run, and where.
struct launch {
  std::string program = {};  ///< a path, or a name to look up; empty: the program that runs, whatever became of its file
  std::vector<std::string> arguments;
  /// Beside those of this process, of which none that begins with BV_ is handed on.
  variable_list variables = {};
  std::string folder = {};             ///< to work in; empty: this process's
  std::string log_file = {};           ///< gets what it says, after what is there; empty: it says it where this process does
  std::string network_namespace = {};  ///< path of one; empty: the calling thread's
};

/// How a process ended.
struct process_end {
  int code = 0;
  int signal = 0;  ///< that ended it; 0: it ended by itself, with `code`
  friend bool operator==(const process_end&, const process_end&) = default;
};
std::string describe(const process_end& how);

/// A process that ends no later than this one, whatever ends that: the kernel kills it when the thread that started it is gone.
/// So start processes from a thread that stays. A terminal's Ctrl-C does not reach it. For one thread at a time.
class child_process {
 public:
  /// Errors: `no_process`, with what could not be done.
  static result<child_process> start(const launch& what);
  /// Kills it, if it still runs.
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&& other) noexcept;

  [[nodiscard]] int pid() const { return pid_; }
  /// Nothing happens if it has ended.
  void signal(int number);
  /// Nothing: it still runs when that time has passed. Also returns early when a signal interrupts this thread.
  std::optional<process_end> wait(std::chrono::milliseconds within);
  /// SIGKILL, and waits for the end.
  process_end kill();

 private:
  friend result<std::string> run_program(const launch& what);
  static result<child_process> start(const launch& what, int output);
  child_process(int pid, int handle) : pid_(pid), handle_(handle) {}
  int pid_ = -1;
  int handle_ = -1;  ///< a pidfd: readable once it has ended
  std::optional<process_end> end_;
};

/// Runs a program to its end; what it said, if it ended with 0. Errors: `no_process`, and `command_failed` with its last words.
/// Its output goes nowhere else. Blocks.
result<std::string> run_program(const launch& what);

}  // namespace bv::processes
