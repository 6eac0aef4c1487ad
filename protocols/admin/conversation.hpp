#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <memory>
#include <stop_token>

#include "protocols/http/handler.hpp"
#include "protocols/schema/base/result.hpp"

namespace bv::admin {

/// The lines that one operator gets, and whether he is still there.
class conversation {
 public:
  /// When the operator goes away, `stop` is asked for.
  explicit conversation(std::stop_source stop);

  /// For the answer's body.
  [[nodiscard]] const std::shared_ptr<http::stream>& body() const { return body_; }
  /// A line of progress, unless the last one was just now or the operator reads too slowly. One thread at a time.
  void progress(const boost::json::object& how_far);
  /// The last line.
  void end(const result<boost::json::object>& outcome);

 private:
  std::stop_source stop_;
  std::shared_ptr<http::stream> body_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace bv::admin
