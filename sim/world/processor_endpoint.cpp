#include "sim/world/processor_endpoint.hpp"

#include <utility>

namespace bv::sim {
namespace {

const std::string place = "processor";

std::string name_of(const sagas::service_request& request) { return "request " + request.idempotency_key; }

}  // namespace

/// A node's end of the line.
class processor_endpoint::reached final : public sagas::external_service {
 public:
  reached(processor_endpoint& to, std::string from, std::weak_ptr<const void> process)
      : to_(to), from_(std::move(from)), process_(std::move(process)) {}

  void call(const sagas::service_request& request, sagas::service_handler answer) override {
    // The first answer counts: a request that comes twice is answered twice.
    auto waiting = std::make_shared<sagas::service_handler>(std::move(answer));
    const auto hear = [waiting, process = process_](const result<bytes>& said) {
      if (process.expired() || !*waiting) return;
      std::exchange(*waiting, {})(said);
    };
    to_.net_.send(from_, place, name_of(request), [this_ = &to_, from = from_, request, hear] {
      this_->handle(request, [this_, from, request, hear](result<bytes> said) {
        this_->net_.send(place, from, "answer to " + name_of(request), [hear, said = std::move(said)] { hear(said); });
      });
    });
  }

 private:
  processor_endpoint& to_;
  const std::string from_;
  const std::weak_ptr<const void> process_;
};

processor_endpoint::processor_endpoint(event_heap& time, trace& log, network& net, const plan& what)
    : time_(time),
      log_(log),
      net_(net),
      lots_(runtime::derive_seed(what.seed, place)),
      later_(time),
      inside_(what.processor, later_) {}

std::unique_ptr<sagas::external_service> processor_endpoint::reached_from(std::string from, std::weak_ptr<const void> process) {
  return std::make_unique<reached>(*this, std::move(from), std::move(process));
}

void processor_endpoint::handle(const sagas::service_request& request, sagas::service_handler reply) {
  const auto& key = request.idempotency_key;
  const auto [known, is_new] = answers_.try_emplace(key);
  if (known->second.first) return reply(*known->second.first);
  known->second.waiting.push_back(std::move(reply));
  if (!is_new && known->second.waiting.size() > 1) return;
  decide(request, [this, key](result<bytes> said) {
    log_.add(time_.now(), trace_kind::service, place, key + ": " + (said ? "done" : said.error().code));
    auto& one = answers_[key];
    const auto waiting = std::exchange(one.waiting, {});
    // Who could not be served may try again; all else stands.
    if (said || said.error().kind == error_kind::conflict) one.first = said;
    for (const auto& each : waiting) each(said);
  });
}

void processor_endpoint::decide(const sagas::service_request& request, const sagas::service_handler& answer) {
  if (!fault_) return inside_.call(request, answer);
  const auto after = draw(fault_->answer_after, lots_);
  switch (fault_->behaviour) {
    case commerce::processor_behaviour::approve:
      return later_.after(after, [this, request, answer] { inside_.call(request, answer); });
    case commerce::processor_behaviour::hang:
      answers_[request.idempotency_key].waiting.clear();  // as if it had never come
      return log_.add(time_.now(), trace_kind::service, place, request.idempotency_key + ": hangs");
    case commerce::processor_behaviour::fail:
      return later_.after(after, [answer] {
        answer(failure(error_kind::unavailable, "processor_unreachable", "the processor can't be reached now"));
      });
    case commerce::processor_behaviour::decline: break;
  }
  commerce_sagas::processor::instruction asked;
  const bool authorizes = decode(request.body, asked) && asked.operation == commerce_sagas::processor::operation::authorize;
  if (!authorizes) return inside_.call(request, answer);
  later_.after(after, [answer] {
    answer(failure(error_kind::conflict, "payment_declined", "the processor declined: simulated"));
  });
}

processor_books processor_endpoint::books() const {
  const auto sum = inside_.totals();
  return {sum.held, sum.taken, sum.given_back};
}

}  // namespace bv::sim
