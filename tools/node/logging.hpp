#pragma once

#include <cstdio>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/schema/base/time.hpp"
#include "tools/node/config.hpp"

namespace bv::tools {

/// What a log line carries besides its words. Empty ones are left out.
struct log_context {
  std::string_view trace = {};  ///< W3C traceparent; lines show its trace id
  std::string_view correlation = {};
};
using log_field = std::pair<std::string_view, std::string>;
using log_fields = std::initializer_list<log_field>;

/// One line, without its end. Text: `TIME LEVEL component: message key=value …`; JSON: one object with `time`,
/// `level`, `component`, `message`, `trace_id`, `correlation_id` and the fields.
std::string format_line(log_format format, timestamp at, log_level level, std::string_view component,
                        std::string_view message, const log_context& context, log_fields fields);

/// The trace id of a W3C traceparent (`00-<32 hex>-<16 hex>-<2 hex>`); empty if it is none.
std::string_view trace_id_of(std::string_view traceparent);

/// Writes lines on a thread of its own, so that no caller waits for a terminal or a pipe. Its queue is bounded:
/// when the reader of the log is slower than the node, the oldest waiting lines are dropped and counted.
/// Threads: any.
class logger {
 public:
  static constexpr std::size_t queue_lines_max = 8192;

  /// `out` stays the caller's and must outlive the logger.
  logger(log_level least, log_format format, std::FILE* out);
  /// Writes what is queued.
  ~logger();

  void write(log_level level, std::string_view component, std::string_view message, log_fields fields = {},
             const log_context& context = {});
  void flush();
  [[nodiscard]] std::uint64_t dropped_lines() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace bv::tools
