#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/endpoint.hpp"
#include "protocols/http/message.hpp"

namespace bv::http {

/// All routes, as a tree of path segments. A literal segment wins over a parameter: `/api/orders/me` is not
/// the order `me`. Immutable once the server runs; threads: any.
class route_table {
 public:
  /// One path with its methods.
  struct node {
    std::vector<std::pair<std::string, std::unique_ptr<node>>> literals;
    std::unique_ptr<node> parameter;
    std::array<std::unique_ptr<endpoint>, 8> by_method;

    /// Null if the path does not have the method. HEAD finds GET.
    [[nodiscard]] const endpoint* find(method verb) const;
    /// "GET, HEAD, OPTIONS"
    [[nodiscard]] std::string allowed() const;
    [[nodiscard]] bool empty() const;
  };

  /// `path` has parameters in braces. Errors: `route_taken`, `bad_route`.
  result<void> add(method verb, std::string_view path, std::unique_ptr<endpoint> what);

  /// The path's node, or null; `values` gets what stands for the parameters, in order.
  [[nodiscard]] const node* find(const std::vector<std::string_view>& segments,
                                 std::vector<std::string_view>& values) const;

 private:
  node root_;
};

}  // namespace bv::http
