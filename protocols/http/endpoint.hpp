#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "actors/runtime/cluster_status.hpp"
#include "actors/runtime/event_log.hpp"
#include "actors/runtime/gateway.hpp"
#include "protocols/http/limits.hpp"
#include "protocols/http/message.hpp"
#include "protocols/http/reply.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::http {

class worker_pool;

/// One routed request, while its endpoint looks at it. Nothing of it but `answer` may be kept.
struct call {
  const request& asked;
  const std::vector<std::string_view>& values;  ///< of the path's parameters, in order
  const reply& answer;
};

/// What one method of one route does.
class endpoint {
 public:
  virtual ~endpoint() = default;
  /// What it answers with, for Accept; empty if that is not asked.
  virtual std::string_view media_type() const { return "application/json"; }
  /// Runs on an io thread: must not block.
  virtual void serve(const call& asked) const = 0;
};

/// The contracts of the node, by type.
class contract_book {
 public:
  explicit contract_book(std::vector<const schema::aggregate_contract*> all) : all_(std::move(all)) {}
  [[nodiscard]] const std::vector<const schema::aggregate_contract*>& all() const { return all_; }
  /// Null if there is none.
  [[nodiscard]] const schema::aggregate_contract* find(std::string_view type) const;

 private:
  std::vector<const schema::aggregate_contract*> all_;
};

/// What endpoints work with. Everything outlives them.
struct surroundings {
  runtime::gateway& entities;
  runtime::event_log& events;
  const contract_book& contracts;
  worker_pool& blocking;
  std::string node_name;  ///< `producer` in event envelopes
  std::function<runtime::cluster_status()> cluster;
};

/// Runs `make` on a thread that may block and answers with what it returns; `overloaded` if too much waits
/// there.
void answer_from_worker(worker_pool& blocking, const reply& answer, std::function<result<response>()> make);

/// The caller's id; the error is a 401.
result<std::string_view> required_principal(const runtime::caller& from);

}  // namespace bv::http
