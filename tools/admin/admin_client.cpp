#include "tools/admin/admin_client.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <optional>

#include "protocols/http_client/client.hpp"
#include "tools/node/admin_socket.hpp"
#include "tools/node/own_environment.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

/// An operation tells a few times a second how far it is; but one of its steps may be a long one.
constexpr std::chrono::minutes silence_max{10};

std::string text_if_any(const json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

/// What a refused request was told.
error problem_in(unsigned status, const std::string& body) {
  boost::system::error_code wrong;
  const auto read = json::parse(body, wrong);
  if (wrong || !read.is_object())
    return {error_kind::internal, "no_answer", "the node answered with status " + std::to_string(status)};
  const auto kind = status == 400 ? error_kind::invalid : status == 409 ? error_kind::conflict : error_kind::unavailable;
  return {kind, text_if_any(read.as_object(), "code"), text_if_any(read.as_object(), "detail"), text_if_any(read.as_object(), "path")};
}

/// What its lines have said so far.
struct listener {
  const std::function<void(const json::object&)>& progress;
  std::optional<result<json::object>> outcome = {};

  void hear(std::string_view line) {
    boost::system::error_code wrong;
    const auto read = json::parse({line.data(), line.size()}, wrong);
    const auto* said = wrong ? nullptr : read.if_object();
    if (!said || said->size() != 1 || !said->begin()->value().is_object()) return;
    const auto& content = said->begin()->value().get_object();
    const auto what = said->begin()->key();
    if (what == "progress") return progress(content);
    if (what == "result") outcome = content;
    if (what == "error")
      outcome = failure(error_kind_from(text_if_any(content, "kind")), text_if_any(content, "code"), text_if_any(content, "message"),
                        text_if_any(content, "context"));
  }
};

}  // namespace

result<std::string> data_dir_of(const node_place& where) {
  if (!where.data_dir.empty()) return where.data_dir;
  const auto config = where.config_file.empty() ? read_config(embedded_config, "embedded default", own_environment())
                                                : load_config(where.config_file, own_environment());
  if (!config) return failure(config.error().front());
  return config->node.data_dir;
}

result<json::object> ask_node(const std::string& data_dir, const std::string& operation, const json::object& arguments,
                              const std::function<void(const json::object&)>& progress) {
  listener heard{progress};
  const auto answered = http_client::post_for_lines({{}, {}, admin_socket_of(data_dir)}, "/api/admin/" + operation,
                                                    json::serialize(arguments),
                                                    [&](std::string_view line) { heard.hear(line); }, {.within = silence_max});
  if (heard.outcome) return *std::move(heard.outcome);
  if (!answered && answered.error().code == "connect_failed")
    return failure(error_kind::unavailable, "no_node",
                   "no node serves this data folder, or you may not open its socket: " + answered.error().message, data_dir);
  if (!answered) return failure(answered.error());
  if (answered->status != 200) return failure(problem_in(answered->status, answered->body));
  return failure(error_kind::unavailable, "no_answer", "the node ended before the operation did");
}

}  // namespace bv::tools
