#include "sim/record/operators.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "sim/checkers/read_events.hpp"
#include "sim/record/story.hpp"

namespace bv::sim {
namespace {

namespace json = boost::json;
namespace run = sagas::run;

class operator_listener {
 public:
  explicit operator_listener(const story& of) : story_(of) {}

  operator_record listen() && {
    for (const auto& one : story_.sagas) hear(one);
    return std::move(out_);
  }

 private:
  void hear(const saga_story& saga) {
    saga_ = &saga;
    parked_ = 0;
    bool by_saga = false;  // a saga that takes the order back joins, and cancels with the same command
    for (const auto& one : saga.events) {
      std::visit(cases{[&](const run::compensation_began& fact) {
                         if (fact.cause == run::cause::cancel && !by_saga) send(at(one.at), "cancel", {{"reason", fact.fault.message}});
                       },
                       [&](const run::parked&) {
                         ++parked_;
                         parked_at_ = one.at;
                       },
                       [&](const run::redriven&) { send(after_parking(one.at), "redrive", {}); },
                       [&](const run::discarded& fact) { send(after_parking(one.at), "discard", {{"reason", fact.reason}}); },
                       [&](const run::signalled& fact) {
                         send(at(one.at), "receive", {{"name", fact.signal.name}, {"payload", fact.signal.payload}});
                       },
                       [](const auto&) {}},
                 one.what);
      by_saga = std::holds_alternative<run::joined>(one.what);
    }
  }

  [[nodiscard]] trigger at(timestamp moment) const {
    trigger when;
    when.at = rounded(moment - story_.begin);
    return when;
  }
  [[nodiscard]] trigger after_parking(timestamp moment) const {
    trigger when;
    when.on_event = {.type = "saga.parked", .id_prefix = saga_->id, .nth = parked_};
    when.then_after = rounded(moment - parked_at_);
    return when;
  }

  void send(trigger when, std::string command, const json::object& body) {
    if (saga_->end.definition == "cancel-order" || saga_->end.definition == "refund-order") {
      out_.notes.push_back("somebody sent \"" + command + "\" to saga " + saga_->id +
                           ", whose id holds a time and is another in a replay");
      return;
    }
    out_.faults.push_back({std::move(when), 0, command_fault{{"saga/" + saga_->id, std::move(command), json::serialize(body)}}});
  }

  const story& story_;
  const saga_story* saga_ = nullptr;
  std::uint32_t parked_ = 0;
  timestamp parked_at_;
  operator_record out_;
};

}  // namespace

operator_record record_operators(const story& of) { return operator_listener(of).listen(); }

}  // namespace bv::sim
