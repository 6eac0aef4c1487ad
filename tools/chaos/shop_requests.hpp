#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocols/http_client/connection.hpp"
#include "protocols/schema/contract.hpp"
#include "sim/observe/observation.hpp"

namespace bv::chaos {

/// One request, as the checkers see it and as it goes over HTTP.
struct shop_request {
  sim::operation what;  ///< its outcome is unknown yet
  http_client::request wire;
};

/// What came of one attempt.
struct heard {
  std::string as;  ///< for people: "200", "409 out_of_stock", "503 no_leader", "no connection", "silence"
  /// Nothing: whether it happened is unknown, or it surely did not; the same may be asked again under the same key.
  std::optional<decltype(sim::operation::outcome)> outcome;
};

/// Commands and views of the shop's aggregates, by their contracts, to HTTP and back.
class shop_requests {
 public:
  shop_requests();

  /// `client` is who asks for the checkers, `user` for the node. The body is checked as the node would. `key`: the Idempotency-Key.
  [[nodiscard]] shop_request command(const std::string& client, const std::string& user, const std::string& entity, const std::string& name,
                                     const std::string& json, const std::string& key) const;
  [[nodiscard]] shop_request view(const std::string& client, const std::string& user, const std::string& entity) const;
  [[nodiscard]] heard understand(const sim::operation& asked, const result<http_client::answer>& answer) const;

 private:
  [[nodiscard]] std::optional<sim::operation::accepted> receipt(const sim::operation& asked, const std::string& body) const;
  [[nodiscard]] std::optional<sim::operation::seen> state(const sim::operation& asked, const http_client::answer& answer) const;

  const std::vector<const schema::aggregate_contract*> contracts_;
};

}  // namespace bv::chaos
