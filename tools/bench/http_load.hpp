#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "protocols/schema/base/result.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {

/// Keeps one request going on each of `connections` keep-alive connections to 127.0.0.1:`port`, for `seconds`, from a
/// thread of its own. `next(connection, count)` makes the text of a connection's count-th request. An answer that is no
/// 2xx counts as failed. Errors: `http_load_failed`, with what the socket said.
result<loop_outcome> run_http_load(std::uint16_t port, std::uint32_t connections, double seconds,
                                   const std::function<std::string(std::uint32_t connection, std::uint64_t count)>& next);

}  // namespace bv::bench
