#include "sim/world/processor_endpoint.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/sagas/payment_processor.hpp"

using namespace bv;
using namespace bv::sim;
using namespace std::chrono_literals;
using commerce::processor_behaviour;
using errand = commerce_sagas::processor::operation;

namespace {

plan approving() {
  plan made;
  made.processor.approve_percent = 100;
  made.network.delay = {1ms, 1ms};
  return made;
}

/// A processor and a node's line to it.
struct processor_world {
  explicit processor_world(const plan& of = approving())
      : net(time, log, 1, of.network), endpoint(time, log, net, of) { restart(); }

  struct answer {
    std::vector<std::string> codes;  ///< of all answers; "done" is no error
    duration after{};
    timestamp asked;
  };
  using shared_answer = std::shared_ptr<answer>;
  shared_answer ask(errand what, const std::string& payment = "pay-1") {
    auto place = std::make_shared<answer>();
    place->asked = time.now();
    const commerce_sagas::processor::instruction body{
        .operation = what, .payment_id = payment, .order_id = "o-" + payment, .amount = {2500, "USD"}, .reference = "r"};
    const auto key = payment + "/" + std::string(to_string(what));
    // Whoever waits keeps its line, as the sagas' downstreams do.
    const auto hear = [this, place, kept = line](const result<bytes>& said) {
      place->codes.push_back(said ? "done" : said.error().code);
      place->after = time.now() - place->asked;
    };
    line->call({.body = encode(body), .idempotency_key = key, .trace = {}, .deadline = {}}, hear);
    return place;
  }
  /// The node's process dies, and another one comes.
  void restart() {
    process = std::make_shared<int>();
    line = endpoint.reached_from("n1", process);
  }
  /// Until nothing is left to happen.
  void run() {
    while (const auto next = time.next()) {
      time.pass_to(*next);
      while (time.run_one()) {
      }
    }
  }
  std::vector<std::string> said_to(errand what) {
    const auto answer = ask(what);
    run();
    return answer->codes;
  }

  event_heap time{{1'893'456'000'000'000'000}};
  trace log{{.keep = true}};
  network net;
  processor_endpoint endpoint;
  std::shared_ptr<int> process;
  std::shared_ptr<sagas::external_service> line;
};

using codes = std::vector<std::string>;

}  // namespace

TEST_CASE("processor: it is asked and answers over the network") {
  processor_world world;
  const auto answer = world.ask(errand::authorize);
  CHECK(answer->codes.empty());
  world.run();
  CHECK(answer->codes == codes{"done"});
  CHECK(answer->after == 2ms);
  CHECK(world.endpoint.books().held == 2500);
  CHECK(world.log.lines().size() == 1);
}

TEST_CASE("processor: its temper is the plan's") {
  auto what = approving();
  what.processor.approve_percent = 0;
  CHECK(processor_world(what).said_to(errand::authorize) == codes{"payment_declined"});
  what.processor = {.approve_percent = 100, .answer_after = 5s};
  processor_world slow(what);
  const auto answer = slow.ask(errand::authorize);
  slow.run();
  CHECK(answer->after == 5s + 2ms);
}

TEST_CASE("processor: a node's crash touches nothing that it remembers") {
  processor_world world;
  CHECK(world.said_to(errand::authorize) == codes{"done"});
  world.restart();
  CHECK(world.said_to(errand::capture) == codes{"done"});
  const auto books = world.endpoint.books();
  CHECK(books.held == 0);
  CHECK(books.taken == 2500);
}

TEST_CASE("processor: an answer to a process that is gone is heard by nobody, and what was asked is done") {
  processor_world world;
  const auto answer = world.ask(errand::authorize);
  world.restart();
  world.run();
  CHECK(answer->codes.empty());
  CHECK(world.endpoint.books().held == 2500);
}

TEST_CASE("processor: a request that comes twice has one effect and is answered once") {
  auto what = approving();
  what.network.duplicate_percent = 100;
  processor_world world(what);
  CHECK(world.said_to(errand::authorize) == codes{"done"});
  CHECK(world.said_to(errand::capture) == codes{"done"});
  CHECK(world.endpoint.books().taken == 2500);
  CHECK(world.said_to(errand::refund) == codes{"done"});
  CHECK(world.endpoint.books().given_back == 2500);
}

TEST_CASE("processor: whoever asks the same again gets the first answer, and nothing more happens") {
  processor_world world;
  REQUIRE(world.said_to(errand::authorize) == codes{"done"});
  CHECK(world.said_to(errand::refund) == codes{"done"});
  const auto books = world.endpoint.books();
  world.restart();
  world.endpoint.misbehave({.behaviour = processor_behaviour::decline});
  CHECK(world.said_to(errand::authorize) == codes{"done"});
  CHECK(world.said_to(errand::refund) == codes{"done"});
  CHECK(world.endpoint.books().held == books.held);
  CHECK(world.endpoint.books().given_back == books.given_back);
  CHECK(world.log.lines().size() == 2);
}

TEST_CASE("processor: who could not be served may ask the same again") {
  processor_world world;
  world.endpoint.misbehave({.behaviour = processor_behaviour::fail});
  CHECK(world.said_to(errand::authorize) == codes{"processor_unreachable"});
  world.endpoint.heal();
  CHECK(world.said_to(errand::authorize) == codes{"done"});
}

TEST_CASE("processor: a request that is lost does nothing; an answer that is lost has done it") {
  processor_world world;
  world.net.set("n1", "processor", {.cut = true});
  CHECK(world.said_to(errand::authorize).empty());
  CHECK(world.endpoint.books().held == 0);
  world.net.heal();
  world.net.set("processor", "n1", {.cut = true});
  CHECK(world.said_to(errand::authorize).empty());
  CHECK(world.endpoint.books().held == 2500);
}

TEST_CASE("processor: it hangs as told, and answers again when it is healed") {
  processor_world world;
  world.endpoint.misbehave({.behaviour = processor_behaviour::hang});
  CHECK(world.said_to(errand::authorize).empty());
  CHECK(world.endpoint.books().held == 0);
  world.endpoint.heal();
  CHECK(world.said_to(errand::authorize) == codes{"done"});
}

TEST_CASE("processor: it can't be reached as told, whatever is asked, and nothing happens") {
  processor_world world;
  REQUIRE(world.said_to(errand::authorize) == codes{"done"});
  world.endpoint.misbehave({.behaviour = processor_behaviour::fail, .answer_after = {3s, 3s}});
  const auto answer = world.ask(errand::capture);
  world.run();
  CHECK(answer->codes == codes{"processor_unreachable"});
  CHECK(answer->after == 3s + 2ms);
  CHECK(world.endpoint.books().taken == 0);
  CHECK(world.endpoint.books().held == 2500);
}

TEST_CASE("processor: it declines authorizations as told, and goes on with what it has approved") {
  processor_world world;
  REQUIRE(world.said_to(errand::authorize) == codes{"done"});
  world.endpoint.misbehave({.behaviour = processor_behaviour::decline});
  CHECK(world.said_to(errand::capture) == codes{"done"});
  const auto another = world.ask(errand::authorize, "pay-2");
  world.run();
  CHECK(another->codes == codes{"payment_declined"});
  CHECK(world.endpoint.books().taken == 2500);
  CHECK(world.endpoint.books().held == 0);
}

TEST_CASE("processor: it dawdles as told") {
  processor_world world;
  world.endpoint.misbehave({.behaviour = processor_behaviour::approve, .answer_after = {10s, 20s}});
  const auto answer = world.ask(errand::authorize);
  world.run();
  CHECK(answer->codes == codes{"done"});
  CHECK(answer->after >= 10s + 2ms);
  CHECK(answer->after <= 20s + 2ms);
  CHECK(world.endpoint.books().held == 2500);
}
