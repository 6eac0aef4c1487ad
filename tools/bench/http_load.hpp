#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "tools/bench/closed_loop.hpp"

namespace bv::bench {

/// Keeps one request going on each of `connections` keep-alive connections, which are spread evenly over `ports` of 127.0.0.1,
/// for `seconds`, from a thread of its own. `next(connection, count)` makes the text of a connection's count-th request. An answer
/// that is no 2xx counts as failed. Errors: `http_load_failed`, with what the socket said.
result<loop_outcome> run_http_load(const std::vector<std::uint16_t>& ports, std::uint32_t connections, double seconds,
                                   const std::function<std::string(std::uint32_t connection, std::uint64_t count)>& next);

/// The text of a request as `user`; with a body if there is one.
std::string http_request(std::string_view line, std::string_view user, std::string_view json = {});

/// Reads just enough of an answer to know its status and where it ends: a parser that did more would be measured, too.
/// The size of the first whole answer in `data`; nothing if it is not whole yet.
std::optional<std::size_t> answer_size(std::string_view data);
/// The first digit of its status.
char answer_class(std::string_view answer);

}  // namespace bv::bench
