#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocols/http_client/client.hpp"

namespace bv::http_client {

struct request {
  std::string method, target;  ///< "POST", a path with its query, already escaped
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string json = {};  ///< the body; empty: none
};

/// Requests one after the other over one connection on TCP. It is made when it is first needed, and anew after it broke. No
/// request is ever sent twice: whether one that failed was acted on, is for the caller to know. One thread at a time.
class connection {
 public:
  explicit connection(address to, options how = {});
  ~connection();
  connection(connection&&) noexcept;

  /// Blocks. Errors: as get()'s; after `connect_failed` surely nothing happened.
  result<answer> ask(const request& what);

 private:
  class wire;
  std::unique_ptr<wire> wire_;
};

}  // namespace bv::http_client
