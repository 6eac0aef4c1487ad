#include "tools/node/sample_data.hpp"

#include <memory>
#include <utility>

namespace bv::tools {
namespace {

/// One command is under way at a time; each answer sends the next.
struct sequence : std::enable_shared_from_this<sequence> {
  sequence(runtime::gateway& way, std::vector<runtime::command_request> all,
           std::function<void(const sample_outcome&)> told)
      : entities(way), commands(std::move(all)), done(std::move(told)) {}

  runtime::gateway& entities;
  std::vector<runtime::command_request> commands;
  std::function<void(const sample_outcome&)> done;
  sample_outcome outcome;
  std::size_t next = 0;

  void go_on() {
    if (next == commands.size()) return done(outcome);
    auto& command = commands[next++];
    entities.ask(std::move(command), [self = shared_from_this()](result<runtime::receipt> answer) {
      self->count(answer);
      self->go_on();
    });
  }

  void count(const result<runtime::receipt>& answer) {
    if (answer && !answer->repeated) {
      ++outcome.created;
    } else if (answer || answer.error().kind == error_kind::conflict) {
      ++outcome.there_already;
    } else {
      ++outcome.failed;
      outcome.last_failure = answer.error();
    }
  }
};

}  // namespace

void send_sample_data(runtime::gateway& entities, std::vector<runtime::command_request> commands,
                      std::function<void(const sample_outcome&)> done) {
  std::make_shared<sequence>(entities, std::move(commands), std::move(done))->go_on();
}

}  // namespace bv::tools
