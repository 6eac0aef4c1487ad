#pragma once

#include <string>
#include <vector>

#include "protocols/http/handler.hpp"
#include "protocols/http/route_table.hpp"

namespace bv::http {

/// What every request goes through before its endpoint sees it: who asks, CORS, the route, the method,
/// Accept.
class front final : public handler {
 public:
  /// `allowed_origins`: origins whose pages may read answers; "*" for all.
  front(const route_table& routes, std::vector<std::string> allowed_origins)
      : routes_(routes), allowed_origins_(std::move(allowed_origins)) {}

  void on_request(const request& asked, responder answer) override;

 private:
  [[nodiscard]] std::string allowed_origin(const request& asked) const;
  void describe(const request& asked, const route_table::node& there, const reply& answer) const;

  const route_table& routes_;
  const std::vector<std::string> allowed_origins_;
};

}  // namespace bv::http
