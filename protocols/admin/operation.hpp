#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <stop_token>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv::admin {

/// What an operation has while it runs.
struct running {
  std::stop_token stop;  ///< asked for when the operator went away or the node stops; heed it if you can
  /// Tells how far it is: an object of its own words. Cheap: more than an operator can follow is dropped.
  std::function<void(const boost::json::object&)> progress;
};

/// Something that operators make a running node do, by name.
class operation {
 public:
  virtual ~operation() = default;
  /// Its last part of the path: `backup` of POST /api/admin/backup.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Whether a second one is refused (`already_running`) while one runs.
  [[nodiscard]] virtual bool alone() const = 0;
  /// Does it, on a thread of its own: may block. Threads: as many at a time as are asked for, unless alone().
  virtual result<boost::json::object> run(const boost::json::object& arguments, const running& now) = 0;
};

}  // namespace bv::admin
