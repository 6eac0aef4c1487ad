#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocols/admin/operation.hpp"

namespace bv::admin {

/// Where operators reach a node: HTTP/1.1 on a Unix socket, and nothing but operations on it. Whoever may open the socket – the
/// owner of its folder, and root – may do everything; that is all the authentication there is.
///
///   GET  /api/admin          {"operations":["backup", …]}
///   POST /api/admin/{name}   arguments as a JSON object; the answer is application/x-ndjson:
///                            {"progress":{…}} any number of times, then {"result":{…}} or {"error":{"code","message","context","kind"}}
///
/// What is refused before it begins is a problem+json: `no_such_operation`, `malformed_json`, `already_running`,
/// `too_many_operations`.
class server {
 public:
  /// `socket` is a path; one that a dead process left there is replaced. Errors: `listen_failed`.
  static result<std::unique_ptr<server>> start(const std::string& socket, std::vector<std::unique_ptr<operation>> operations);
  /// stop()
  ~server();

  /// Asks what runs to end, waits until it has, tells its operators so, and takes the socket away. Idempotent.
  void stop();

 private:
  struct parts;
  explicit server(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::admin
