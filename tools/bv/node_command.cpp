#include "tools/bv/node_command.hpp"

#include <csignal>
#include <cstdio>
#include <string_view>

#include "tools/exit_codes.hpp"
#include "tools/node/config.hpp"
#include "tools/node/logging.hpp"
#include "tools/node/own_environment.hpp"
#include "tools/node/running_node.hpp"
#include "tools/node/version.hpp"

namespace bv::tools {
namespace {

/// The signals that stop a node. They are blocked before any thread starts, so that the main thread alone takes them,
/// with sigwait: no code runs in a signal handler.
class stop_signals {
 public:
  stop_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&wanted_);
    sigaddset(&wanted_, SIGTERM);
    sigaddset(&wanted_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &wanted_, nullptr);
  }

  std::string_view wait() {
    int number = 0;
    sigwait(&wanted_, &number);
    return number == SIGTERM ? "SIGTERM" : "SIGINT";
  }

  [[nodiscard]] bool pending() const {
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
  }

  /// From here on the next one ends the process at once.
  void release() { pthread_sigmask(SIG_UNBLOCK, &wanted_, nullptr); }

 private:
  sigset_t wanted_;
};

}  // namespace

int run_node_command(const node_command_options& options) {
  const auto config = options.config_file.empty()
                          ? read_config(embedded_config, "embedded default", own_environment())
                          : load_config(options.config_file, own_environment());
  if (!config) {
    for (const auto& problem : config.error())
      std::fprintf(stderr, "%s: %s (%s)\n", problem.context.c_str(), problem.message.c_str(), problem.code.c_str());
    return exit_usage;
  }
  if (options.check_only) {
    std::printf("the config is valid: node %s, http %s, data in %s\n", config->node.id.c_str(),
                to_text(config->http.listen).c_str(), config->node.data_dir.c_str());
    return exit_done;
  }

  stop_signals signals;
  logger log(config->log.level, config->log.format, stderr);
  log.write(log_level::info, "node", "starting",
            {{"id", config->node.id}, {"version", BV_VERSION}, {"data_dir", config->node.data_dir}});
  auto node = running_node::start(*config, log, [&] { return signals.pending(); });
  if (!node) {
    log.write(log_level::error, "node", node.error().message,
              {{"code", node.error().code}, {"context", node.error().context}});
    return exit_failed;
  }
  const auto signal = signals.wait();
  signals.release();
  log.write(log_level::info, "node", "stopping", {{"signal", std::string(signal)}});
  const auto stopped = (*node)->stop();
  if (!stopped) {
    log.write(log_level::error, "node", stopped.error().message, {{"code", stopped.error().code}});
    return exit_failed;
  }
  log.write(log_level::info, "node", "stopped");
  return exit_done;
}

}  // namespace bv::tools
