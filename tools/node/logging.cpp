#include "tools/node/logging.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace bv::tools {
namespace {

constexpr std::string_view level_name(log_level level) {
  switch (level) {
    case log_level::trace: return "trace";
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "error";
}

spdlog::level::level_enum spd_level(log_level level) {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() > 1 ? ",\"" : "\"";
  append_escaped(out, name);
  out += "\":\"";
  append_escaped(out, value);
  out += '"';
}

/// In text a value is quoted only if it would not read as one word; a line stays one line whatever it carries.
void append_pair(std::string& out, std::string_view name, std::string_view value) {
  const bool plain = !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
    return c == ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  ((out += ' ') += name) += '=';
  if (plain) {
    out += value;
  } else {
    out += '"';
    append_escaped(out, value);
    out += '"';
  }
}

timestamp wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count() * 1000};
}

}  // namespace

std::string_view trace_id_of(std::string_view traceparent) {
  constexpr std::size_t begin = 3, size = 32;
  if (traceparent.size() < begin + size + 1 || traceparent[2] != '-' || traceparent[begin + size] != '-') return {};
  return traceparent.substr(begin, size);
}

std::string format_line(log_format format, timestamp at, log_level level, std::string_view component,
                        std::string_view message, const log_context& context, log_fields fields) {
  const auto trace = trace_id_of(context.trace);
  std::string line;
  if (format == log_format::json) {
    line = "{";
    append_member(line, "time", to_rfc3339(at));
    append_member(line, "level", level_name(level));
    append_member(line, "component", component);
    append_member(line, "message", message);
    if (!trace.empty()) append_member(line, "trace_id", trace);
    if (!context.correlation.empty()) append_member(line, "correlation_id", context.correlation);
    for (const auto& [name, value] : fields) append_member(line, name, value);
    return line += '}';
  }
  ((line += to_rfc3339(at)) += ' ') += level_name(level);
  ((line += ' ') += component) += ": ";
  append_escaped(line, message);
  for (const auto& [name, value] : fields) append_pair(line, name, value);
  if (!trace.empty()) append_pair(line, "trace_id", trace);
  if (!context.correlation.empty()) append_pair(line, "correlation_id", context.correlation);
  return line;
}

struct logger::parts {
  log_format format;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> lines;
};

namespace {

/// stdout_sink of spdlog writes to the process's streams only; this one takes any.
class file_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit file_sink(std::FILE* out) : out_(out) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::fwrite(message.payload.data(), 1, message.payload.size(), out_);
    std::fputc('\n', out_);
  }
  void flush_() override { std::fflush(out_); }
  std::FILE* out_;
};

}  // namespace

logger::logger(log_level least, log_format format, std::FILE* out) : parts_(std::make_unique<parts>()) {
  parts_->format = format;
  parts_->pool = std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1);
  parts_->lines = std::make_shared<spdlog::async_logger>("bv", std::make_shared<file_sink>(out), parts_->pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
  parts_->lines->set_level(spd_level(least));
  parts_->lines->flush_on(spdlog::level::info);
}

logger::~logger() {
  parts_->lines->flush();
  parts_->pool.reset();
  parts_->lines.reset();  // the logger holds the pool weakly; the pool's thread ends after the queued lines
}

void logger::write(log_level level, std::string_view component, std::string_view message, log_fields fields,
                   const log_context& context) {
  if (!parts_->lines->should_log(spd_level(level))) return;
  const auto line = format_line(parts_->format, wall_clock(), level, component, message, context, fields);
  parts_->lines->log(spd_level(level), spdlog::string_view_t(line.data(), line.size()));
}

void logger::flush() { parts_->lines->flush(); }

std::uint64_t logger::dropped_lines() const { return parts_->pool->overrun_counter(); }

}  // namespace bv::tools
