#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/commerce/payment_processor.hpp"
#include "actors/runtime/limits.hpp"
#include "protocols/http/limits.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/store.hpp"

namespace bv::tools {

/// `HOST:PORT`; port 0 takes any free one.
struct listen_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  friend bool operator==(const listen_address&, const listen_address&) = default;
};
std::string to_text(const listen_address& address);

enum class log_level { trace, debug, info, warning, error };
enum class log_format { text, json };

/// What `bv node` runs on. docs/operations.md describes every key; settings.cpp says how each is read.
struct node_config {
  struct {
    std::string id = "node-1";
    std::string data_dir = ".bv";
    bool sample_data = false;
    std::uint32_t threads = 0;
  } node;
  struct {
    bool enabled = true;
    listen_address listen{"127.0.0.1", 8080};
    http::limits bounds;
    std::vector<std::string> cors_origins;
    std::uint32_t threads = 0;
  } http;
  struct {
    listen_address listen{"127.0.0.1", 9200};
  } rpc;
  struct {
    listen_address listen{"127.0.0.1", 9100};
    std::vector<std::string> seeds;
    std::uint16_t shards = 16;
    std::uint16_t replicas = 1;
    std::uint32_t dead_node_timeout_s = 300;  ///< 0: never
    bool insecure = false;
    std::string certificate, key, authority;  ///< PEM files
    /// Without seeds a node is alone.
    [[nodiscard]] bool wanted() const { return !seeds.empty(); }
  } cluster;
  struct {
    storage::durability durability = storage::durability::fsync;
  } storage;
  runtime::limits runtime;
  commerce::processor_options payments;
  struct {
    std::string mode = "dev";
  } auth;
  struct {
    log_level level = log_level::info;
    log_format format = log_format::text;
  } log;
};

/// Environment variables as `{name, value}`; those that do not begin with `BV_` are passed over.
using environment = std::vector<std::pair<std::string, std::string>>;

/// Everything that is wrong with a config, in the order of its lines; each error's context is `file:line` or the
/// environment variable.
using config_problems = std::vector<error>;

/// Reads a TOML text called `name`; environment variables `BV_<SECTION>_<KEY>` go before what it says.
tl::expected<node_config, config_problems> read_config(std::string_view text, const std::string& name,
                                                       const environment& variables);

/// Reads a file. The only problem is `config_unreadable` if it can't be opened.
tl::expected<node_config, config_problems> load_config(const std::string& path, const environment& variables);

/// What a node runs on without --config: deploy/examples/single.toml, kept in the program.
extern const std::string_view embedded_config;

}  // namespace bv::tools
