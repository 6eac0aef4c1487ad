#include "tools/node/sample_data.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace bv::tools {
namespace {

/// A cluster may elect leaders meanwhile.
constexpr std::chrono::milliseconds between_goes{200};
constexpr int goes_max = 100;

bool may_come_right(const result<runtime::receipt>& answer) {
  if (answer || answer.error().code == "stopping") return false;
  return answer.error().kind == error_kind::unavailable || answer.error().kind == error_kind::timeout;
}

/// One command is under way at a time; each answer sends the next.
struct sequence : std::enable_shared_from_this<sequence> {
  sequence(runtime::gateway& way, sagas::timer& later_on, std::vector<runtime::command_request> all,
           std::function<void(const sample_outcome&)> told)
      : entities(way), later(later_on), commands(std::move(all)), done(std::move(told)) {}

  runtime::gateway& entities;
  sagas::timer& later;
  std::vector<runtime::command_request> commands;
  std::function<void(const sample_outcome&)> done;
  sample_outcome outcome;
  std::size_t next = 0;
  int goes = 0;  ///< at the next one

  void go_on() {
    if (next == commands.size()) return done(outcome);
    entities.ask(commands[next], [self = shared_from_this()](result<runtime::receipt> answer) {
      if (may_come_right(answer) && ++self->goes < goes_max) return self->later.after(between_goes, [self] { self->go_on(); });
      self->goes = 0;
      ++self->next;
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

void send_sample_data(runtime::gateway& entities, sagas::timer& later, std::vector<runtime::command_request> commands,
                      std::function<void(const sample_outcome&)> done) {
  std::make_shared<sequence>(entities, later, std::move(commands), std::move(done))->go_on();
}

}  // namespace bv::tools
