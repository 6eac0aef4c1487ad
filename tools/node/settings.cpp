#include "tools/node/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace bv::tools {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t mebibyte = 1024 * 1024;

tl::unexpected<error> refused(std::string message) {
  return failure(error_kind::invalid, "config_value", std::move(message));
}

/// A setting whose member is reached by `member(config)`, a function that returns a reference.
template <class Member>
setting integer(std::string_view section, std::string_view key, std::string_view accepts, std::int64_t low,
                std::int64_t high, Member member) {
  return {section, key, setting_kind::integer, accepts,
          [=](node_config& config, const setting_value& value) -> result<void> {
            const auto number = std::get<std::int64_t>(value);
            if (number < low || number > high)
              return refused(std::to_string(number) + " is out of bounds; it must be " + std::string(accepts));
            auto& target = member(config);
            target = static_cast<std::remove_reference_t<decltype(target)>>(number);
            return {};
          }};
}

template <class Unit, class Member>
setting span_of(std::string_view section, std::string_view key, std::string_view accepts, std::int64_t low,
                std::int64_t high, Member member) {
  return {section, key, setting_kind::integer, accepts,
          [=](node_config& config, const setting_value& value) -> result<void> {
            const auto number = std::get<std::int64_t>(value);
            if (number < low || number > high)
              return refused(std::to_string(number) + " is out of bounds; it must be " + std::string(accepts));
            member(config) = Unit{number};
            return {};
          }};
}

template <class Choice, std::size_t Count, class Member>
setting choice(std::string_view section, std::string_view key, std::string_view accepts,
               std::array<std::pair<std::string_view, Choice>, Count> choices, Member member) {
  return {section, key, setting_kind::text, accepts,
          [=](node_config& config, const setting_value& value) -> result<void> {
            const auto& text = std::get<std::string>(value);
            for (const auto& [name, chosen] : choices)
              if (name == text) {
                member(config) = chosen;
                return {};
              }
            return refused("\"" + text + "\" is not known; it must be " + std::string(accepts));
          }};
}

result<listen_address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return refused("\"" + text + "\" is no address; it must be HOST:PORT, as 127.0.0.1:8080 or [::1]:8080");
  };
  if (colon == std::string::npos || colon == 0) return wrong();
  listen_address address{text.substr(0, colon), 0};
  if (address.host.front() == '[' && address.host.back() == ']')
    address.host = address.host.substr(1, address.host.size() - 2);
  else if (address.host.find(':') != std::string::npos)
    return wrong();
  const char* end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (fault != std::errc{} || stopped != end || address.host.empty()) return wrong();
  return address;
}

template <class Member>
setting address(std::string_view section, std::string_view key, Member member) {
  return {section, key, setting_kind::text, "HOST:PORT; port 0 takes any free one",
          [=](node_config& config, const setting_value& value) -> result<void> {
            BV_ASSIGN(member(config), parse_address(std::get<std::string>(value)));
            return {};
          }};
}

result<void> store_id(node_config& config, const setting_value& value) {
  const auto& id = std::get<std::string>(value);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), allowed))
    return refused("\"" + id + "\" is no node id; it must be 1 to 64 of letters, digits, '.', '_' and '-'");
  config.node.id = id;
  return {};
}

result<void> store_data_dir(node_config& config, const setting_value& value) {
  const auto& folder = std::get<std::string>(value);
  if (folder.empty()) return refused("it must name a folder");
  config.node.data_dir = folder;
  return {};
}

result<void> store_origins(node_config& config, const setting_value& value) {
  auto origins = std::get<std::vector<std::string>>(value);
  for (const auto& origin : origins) {
    const bool scheme = origin.starts_with("http://") || origin.starts_with("https://");
    if (origin != "*" && (!scheme || origin.find('/', origin.find("//") + 2) != std::string::npos))
      return refused("\"" + origin + "\" is no origin; it must be \"*\" or as https://shop.example:8443, without a path");
  }
  config.http.cors_origins = std::move(origins);
  return {};
}

result<void> store_seeds(node_config& config, const setting_value& value) {
  auto seeds = std::get<std::vector<std::string>>(value);
  for (const auto& seed : seeds) BV_TRY(parse_address(seed));
  for (auto one = seeds.begin(); one != seeds.end(); ++one)
    if (std::find(seeds.begin(), one, *one) != one) return refused("\"" + *one + "\" is named twice");
  config.cluster.seeds = std::move(seeds);
  return {};
}

result<void> store_auth_mode(node_config& config, const setting_value& value) {
  const auto& mode = std::get<std::string>(value);
  if (mode == "jwt") return refused("\"jwt\" is not available in this version; it must be \"dev\"");
  if (mode != "dev") return refused("\"" + mode + "\" is not known; it must be \"dev\"");
  config.auth.mode = mode;
  return {};
}

std::vector<setting> make_settings() {
  using storage::durability;
  using text = std::string_view;
  const auto boolean = [](text section, text key, auto member) {
    return setting{section, key, setting_kind::boolean, "true or false",
                   [=](node_config& config, const setting_value& value) -> result<void> {
                     member(config) = std::get<bool>(value);
                     return {};
                   }};
  };
  const auto file = [](text section, text key, auto member) {
    return setting{section, key, setting_kind::text, "a PEM file",
                   [=](node_config& config, const setting_value& value) -> result<void> {
                     member(config) = std::get<std::string>(value);
                     return {};
                   }};
  };
  const auto percent = [](text section, text key, auto member) {
    return integer(section, key, "0 to 100", 0, 100, member);
  };
  using config = node_config;
  return {
      {"node", "id", setting_kind::text, "1 to 64 of letters, digits, '.', '_' and '-'", store_id},
      {"node", "data_dir", setting_kind::text, "a folder; it is made if it is missing", store_data_dir},
      boolean("node", "sample_data", [](config& c) -> auto& { return c.node.sample_data; }),
      integer("node", "threads", "0 (one for each core) to 256", 0, 256,
              [](config& c) -> auto& { return c.node.threads; }),

      boolean("http", "enabled", [](config& c) -> auto& { return c.http.enabled; }),
      address("http", "listen", [](config& c) -> auto& { return c.http.listen; }),
      integer("http", "threads", "0 (one for each core) to 256", 0, 256,
              [](config& c) -> auto& { return c.http.threads; }),
      {"http", "cors_origins", setting_kind::list, "a list of origins, or [\"*\"]", store_origins},
      integer("http", "connections_max", "1 to 1000000", 1, 1'000'000,
              [](config& c) -> auto& { return c.http.bounds.connections_max; }),
      integer("http", "streams_max", "0 to 1000000", 0, 1'000'000,
              [](config& c) -> auto& { return c.http.bounds.streams_max; }),
      integer("http", "header_size_bytes_max", "1024 to 1048576", 1024, mebibyte,
              [](config& c) -> auto& { return c.http.bounds.header_size_bytes_max; }),
      integer("http", "body_size_bytes_max", "1024 to 67108864", 1024, 64 * mebibyte,
              [](config& c) -> auto& { return c.http.bounds.body_size_bytes_max; }),
      span_of<milliseconds>("http", "idle_timeout_ms", "100 to 3600000", 100, 3'600'000,
                            [](config& c) -> auto& { return c.http.bounds.idle_timeout; }),
      span_of<milliseconds>("http", "request_timeout_ms", "100 to 3600000", 100, 3'600'000,
                            [](config& c) -> auto& { return c.http.bounds.request_timeout; }),
      span_of<milliseconds>("http", "answer_timeout_ms", "100 to 3600000", 100, 3'600'000,
                            [](config& c) -> auto& { return c.http.bounds.answer_timeout; }),
      span_of<milliseconds>("http", "drain_timeout_ms", "0 to 3600000", 0, 3'600'000,
                            [](config& c) -> auto& { return c.http.bounds.drain_timeout; }),

      address("rpc", "listen", [](config& c) -> auto& { return c.rpc.listen; }),

      address("cluster", "listen", [](config& c) -> auto& { return c.cluster.listen; }),
      {"cluster", "seeds", setting_kind::list, "a list of HOST:PORT, the nodes that begin the cluster; empty: this node is alone", store_seeds},
      integer("cluster", "shards", "1 to 1024", 1, 1024, [](config& c) -> auto& { return c.cluster.shards; }),
      integer("cluster", "replicas", "1 to 7", 1, 7, [](config& c) -> auto& { return c.cluster.replicas; }),
      integer("cluster", "dead_node_timeout_s", "0 to 604800", 0, 604'800,
              [](config& c) -> auto& { return c.cluster.dead_node_timeout_s; }),
      boolean("cluster", "insecure", [](config& c) -> auto& { return c.cluster.insecure; }),
      file("cluster", "certificate", [](config& c) -> auto& { return c.cluster.certificate; }),
      file("cluster", "key", [](config& c) -> auto& { return c.cluster.key; }),
      file("cluster", "authority", [](config& c) -> auto& { return c.cluster.authority; }),

      choice("storage", "durability", "\"fsync\" or \"os\"",
             std::array{std::pair{text("fsync"), durability::fsync}, std::pair{text("os"), durability::os}},
             [](config& c) -> auto& { return c.storage.durability; }),

      integer("runtime", "in_flight_per_shard_max", "1 to 1000000", 1, 1'000'000,
              [](config& c) -> auto& { return c.runtime.in_flight_per_shard_max; }),
      integer("runtime", "live_entities_per_shard_max", "1 to 100000000", 1, 100'000'000,
              [](config& c) -> auto& { return c.runtime.live_entities_per_shard_max; }),
      span_of<seconds>("runtime", "idle_before_passivation_s", "1 to 86400", 1, 86'400,
                       [](config& c) -> auto& { return c.runtime.idle_before_passivation; }),
      span_of<hours>("runtime", "remember_for_hours", "24 to 8760", 24, 8760,
                     [](config& c) -> auto& { return c.runtime.remember_for; }),
      span_of<milliseconds>("runtime", "default_deadline_ms", "10 to 600000", 10, 600'000,
                            [](config& c) -> auto& { return c.runtime.default_deadline; }),

      percent("payments", "approve_percent", [](config& c) -> auto& { return c.payments.approve_percent; }),
      percent("payments", "fail_percent", [](config& c) -> auto& { return c.payments.fail_percent; }),
      percent("payments", "hang_percent", [](config& c) -> auto& { return c.payments.hang_percent; }),
      percent("payments", "slow_percent", [](config& c) -> auto& { return c.payments.slow_percent; }),
      span_of<milliseconds>("payments", "answer_after_ms", "0 to 60000", 0, 60'000,
                            [](config& c) -> auto& { return c.payments.answer_after; }),
      span_of<milliseconds>("payments", "slow_answer_after_ms", "0 to 60000", 0, 60'000,
                            [](config& c) -> auto& { return c.payments.slow_answer_after; }),
      integer("payments", "seed", "0 or more", 0, std::numeric_limits<std::int64_t>::max(),
              [](config& c) -> auto& { return c.payments.seed; }),

      {"auth", "mode", setting_kind::text, "\"dev\"", store_auth_mode},

      choice("log", "level", "\"trace\", \"debug\", \"info\", \"warning\" or \"error\"",
             std::array{std::pair{text("trace"), log_level::trace}, std::pair{text("debug"), log_level::debug},
                        std::pair{text("info"), log_level::info}, std::pair{text("warning"), log_level::warning},
                        std::pair{text("error"), log_level::error}},
             [](config& c) -> auto& { return c.log.level; }),
      choice("log", "format", "\"text\" or \"json\"",
             std::array{std::pair{text("text"), log_format::text}, std::pair{text("json"), log_format::json}},
             [](config& c) -> auto& { return c.log.format; }),
  };
}

}  // namespace

std::span<const setting> all_settings() {
  static const std::vector<setting> settings = make_settings();
  return settings;
}

std::string environment_name(const setting& what) {
  std::string name = "BV_" + std::string(what.section) + "_" + std::string(what.key);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name;
}

}  // namespace bv::tools
