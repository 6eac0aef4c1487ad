#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/runtime/random.hpp"
#include "sagas/commerce/mock_processor.hpp"
#include "sim/observe/observation.hpp"
#include "sim/world/network.hpp"
#include "sim/world/virtual_time.hpp"

namespace bv::sim {

/// The payment processor, somewhere else: reached over the network, with a memory that no node's crash touches. As a real
/// one it answers a request that is repeated as it did the first time, whatever its temper is by then. One thread.
class processor_endpoint {
 public:
  processor_endpoint(event_heap& time, trace& log, network& net, const plan& what);

  /// What a process of node `from` calls it by. Answers are heard as long as `process` is there: who waits for one may
  /// keep the caller alive, but not a process that has died.
  std::unique_ptr<sagas::external_service> reached_from(std::string from, std::weak_ptr<const void> process);
  /// It behaves so until it is healed.
  void misbehave(const processor_fault& how) { fault_ = how; }
  void heal() { fault_.reset(); }
  [[nodiscard]] processor_books books() const;

 private:
  class reached;
  void handle(const sagas::service_request& request, sagas::service_handler reply);
  /// Deals with a request as its temper is now.
  void decide(const sagas::service_request& request, const sagas::service_handler& answer);

  /// What was answered under an idempotency key, and who else waits for it.
  struct answered {
    std::optional<result<bytes>> first;
    std::vector<sagas::service_handler> waiting;
  };

  event_heap& time_;
  trace& log_;
  network& net_;
  runtime::random_source lots_;
  virtual_timer later_;
  commerce_sagas::mock_processor inside_;
  std::optional<processor_fault> fault_;
  std::map<std::string, answered> answers_;
};

}  // namespace bv::sim
