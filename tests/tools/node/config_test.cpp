#include "tools/node/config.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tools/node/settings.hpp"

using namespace bv::tools;

namespace {

/// The one problem of a config that has exactly one.
bv::error problem_of(std::string_view text, const environment& variables = {}) {
  const auto read = read_config(text, "node.toml", variables);
  REQUIRE_FALSE(read.has_value());
  REQUIRE(read.error().size() == 1);
  return read.error().front();
}

node_config config_of(std::string_view text, const environment& variables = {}) {
  const auto read = read_config(text, "node.toml", variables);
  if (!read) FAIL(bv::describe(read.error().front()));
  return *read;
}

bool mentions(const bv::error& problem, std::string_view words) {
  return problem.message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("config: an empty file is the defaults") {
  const auto config = config_of("");
  CHECK(config.node.id == "node-1");
  CHECK(config.http.listen == listen_address{"127.0.0.1", 8080});
  CHECK(config.rpc.listen == listen_address{"127.0.0.1", 9200});
  CHECK(config.cluster.listen == listen_address{"127.0.0.1", 9100});
  CHECK(config.cluster.shards == 16);
  CHECK(config.storage.durability == bv::storage::durability::fsync);
  CHECK_FALSE(config.node.sample_data);
}

TEST_CASE("config: each section's keys are read") {
  const auto config = config_of(R"(
[node]
id = "a.b-c_1"
data_dir = "/var/lib/bv"
sample_data = true
threads = 3
[http]
listen = "[::1]:0"
connections_max = 12
body_size_bytes_max = 2048
idle_timeout_ms = 250
cors_origins = ["https://shop.example", "http://localhost:5173"]
[rpc]
listen = "0.0.0.0:1"
[cluster]
listen = "localhost:65535"
seeds = []
shards = 4
replicas = 1
[storage]
durability = "os"
[runtime]
remember_for_hours = 48
live_entities_per_shard_max = 7
[auth]
mode = "dev"
[log]
level = "debug"
format = "json"
)");
  CHECK(config.node.id == "a.b-c_1");
  CHECK(config.node.data_dir == "/var/lib/bv");
  CHECK(config.node.sample_data);
  CHECK(config.node.threads == 3);
  CHECK(config.http.listen == listen_address{"::1", 0});
  CHECK(to_text(config.http.listen) == "[::1]:0");
  CHECK(config.http.bounds.connections_max == 12);
  CHECK(config.http.bounds.body_size_bytes_max == 2048);
  CHECK(config.http.bounds.idle_timeout == std::chrono::milliseconds{250});
  CHECK(config.http.cors_origins == std::vector<std::string>{"https://shop.example", "http://localhost:5173"});
  CHECK(config.rpc.listen == listen_address{"0.0.0.0", 1});
  CHECK(config.cluster.listen == listen_address{"localhost", 65535});
  CHECK(config.cluster.shards == 4);
  CHECK(config.storage.durability == bv::storage::durability::os);
  CHECK(config.runtime.remember_for == std::chrono::hours{48});
  CHECK(config.runtime.live_entities_per_shard_max == 7);
  CHECK(config.log.level == log_level::debug);
  CHECK(config.log.format == log_format::json);
}

TEST_CASE("config: an unknown key is refused at its line, with the nearest valid one") {
  const auto problem = problem_of("[http]\n\nlistn = \"127.0.0.1:1\"\n");
  CHECK(problem.code == "config_unknown_key");
  CHECK(problem.context == "node.toml:3");
  CHECK(mentions(problem, "[http] has no key \"listn\""));
  CHECK(mentions(problem, "did you mean \"listen\"?"));
}

TEST_CASE("config: a key of another section is sent there") {
  CHECK(mentions(problem_of("[node]\ndurability = \"os\"\n"), "it belongs to [storage]"));
}

TEST_CASE("config: a key like none lists what there is") {
  CHECK(mentions(problem_of("[log]\nsomething = 1\n"), "it knows level, format"));
}

TEST_CASE("config: an unknown section is refused at its line") {
  const auto problem = problem_of("[node]\nid = \"a\"\n[htpp]\nlisten = \"127.0.0.1:1\"\n");
  CHECK(problem.code == "config_unknown_section");
  CHECK(problem.context == "node.toml:3");
  CHECK(mentions(problem, "did you mean [http]?"));
}

TEST_CASE("config: a section given as a value is refused") {
  const auto problem = problem_of("http = 3\n");
  CHECK(problem.code == "config_type");
  CHECK(problem.context == "node.toml:1");
}

TEST_CASE("config: a value of the wrong type says which type is right") {
  const auto problem = problem_of("[cluster]\nshards = \"16\"\n");
  CHECK(problem.code == "config_type");
  CHECK(problem.context == "node.toml:2");
  CHECK(mentions(problem, "[cluster] shards must be a whole number: 1 to 1024"));
  CHECK(problem_of("[http]\ncors_origins = [1]\n").code == "config_type");
  CHECK(problem_of("[http]\nlisten = 8080\n").code == "config_type");
  CHECK(problem_of("[node]\nsample_data = 1\n").code == "config_type");
  CHECK(problem_of("[node]\nthreads = 1.5\n").code == "config_type");
}

TEST_CASE("config: a value out of bounds is refused with the bounds") {
  for (const char* text : {"[cluster]\nshards = 0\n", "[cluster]\nshards = 1025\n", "[cluster]\nshards = -1\n"}) {
    const auto problem = problem_of(text);
    CHECK(problem.code == "config_value");
    CHECK(problem.context == "node.toml:2");
    CHECK(mentions(problem, "1 to 1024"));
  }
  CHECK(problem_of("[runtime]\nremember_for_hours = 23\n").code == "config_value");
}

TEST_CASE("config: what this version cannot do is refused, not ignored") {
  CHECK(mentions(problem_of("[auth]\nmode = \"jwt\"\n"), "not available"));
  CHECK(mentions(problem_of("[cluster]\nreplicas = 3\n"), "alone"));
  CHECK(mentions(problem_of("[cluster]\nseeds = [\"127.0.0.1:9101\"]\n"), "certificate"));
  CHECK(mentions(problem_of("[cluster]\nseeds = [\"9101\"]\ninsecure = true\n"), "HOST:PORT"));
  CHECK(mentions(problem_of("[cluster]\nseeds = [\"a:1\", \"a:1\"]\ninsecure = true\n"), "twice"));
  CHECK(mentions(problem_of("[cluster]\nseeds = [\"a:1\"]\ninsecure = true\nreplicas = 3\n"), "1 seeds"));
  CHECK(mentions(problem_of("[cluster]\nseeds = [\"a:1\"]\ninsecure = true\nkey = \"a.key\"\n"), "contradict"));
}

TEST_CASE("config: values that are not of their form are refused") {
  for (const char* address : {"8080", ":8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:80x", "::1:80", "[]:1"})
    CHECK(problem_of("[http]\nlisten = \"" + std::string(address) + "\"\n").code == "config_value");
  for (const char* id : {"", "a b", "ä"})
    CHECK(problem_of("[node]\nid = \"" + std::string(id) + "\"\n").code == "config_value");
  for (const char* origin : {"shop.example", "https://shop.example/path", "ftp://shop.example"})
    CHECK(problem_of("[http]\ncors_origins = [\"" + std::string(origin) + "\"]\n").code == "config_value");
  CHECK(problem_of("[storage]\ndurability = \"fast\"\n").code == "config_value");
  CHECK(problem_of("[auth]\nmode = \"none\"\n").code == "config_value");
  CHECK(problem_of("[node]\ndata_dir = \"\"\n").code == "config_value");
}

TEST_CASE("config: a syntax error names its line") {
  const auto problem = problem_of("[node]\nid = \"a\nthreads = 1\n");
  CHECK(problem.code == "config_syntax");
  CHECK(problem.context == "node.toml:2");
}

TEST_CASE("config: all problems are told at once, in the order of the lines") {
  const auto read = read_config("[node]\nthreads = -1\nid = 3\n[htp]\n[log]\nlevel = \"loud\"\n", "node.toml", {});
  REQUIRE_FALSE(read.has_value());
  std::vector<std::string> places;
  for (const auto& problem : read.error()) places.push_back(problem.context);
  CHECK(places == std::vector<std::string>{"node.toml:2", "node.toml:3", "node.toml:4", "node.toml:6"});
}

TEST_CASE("config: the environment goes before the file") {
  const auto config = config_of("[http]\nlisten = \"127.0.0.1:1\"\n[node]\nsample_data = true\n",
                                {{"PATH", "/bin"},
                                 {"BV_HTTP_LISTEN", "127.0.0.1:2"},
                                 {"BV_NODE_SAMPLE_DATA", "false"},
                                 {"BV_CLUSTER_SHARDS", "3"},
                                 {"BV_HTTP_CORS_ORIGINS", "http://a,http://b"}});
  CHECK(config.http.listen.port == 2);
  CHECK_FALSE(config.node.sample_data);
  CHECK(config.cluster.shards == 3);
  CHECK(config.http.cors_origins == std::vector<std::string>{"http://a", "http://b"});
}

TEST_CASE("config: a wrong environment variable is refused by its name") {
  CHECK(problem_of("", {{"BV_HTTP_LISTN", "x"}}).context == "BV_HTTP_LISTN");
  CHECK(problem_of("", {{"BV_CLUSTER_SHARDS", "many"}}).code == "config_type");
  CHECK(problem_of("", {{"BV_CLUSTER_SHARDS", "0"}}).code == "config_value");
  CHECK(problem_of("", {{"BV_NODE_SAMPLE_DATA", "yes"}}).code == "config_type");
  CHECK(read_config("", "node.toml", {{"BV_SOMETHING", "else"}}).has_value());
}

TEST_CASE("config: a file is read, and one that is not there says so") {
  const auto path = std::filesystem::temp_directory_path() / ("bv-config-test-" + std::to_string(getpid()) + ".toml");
  std::ofstream(path) << "[cluster]\nshards = 5\n";
  const auto read = load_config(path.string(), {});
  std::filesystem::remove(path);
  REQUIRE(read.has_value());
  CHECK(read->cluster.shards == 5);
  const auto missing = load_config(path.string(), {});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().front().code == "config_unreadable");
  CHECK(missing.error().front().context == path.string());
}

TEST_CASE("config: the embedded default is valid and brings sample data") {
  const auto config = config_of(embedded_config);
  CHECK(config.node.sample_data);
  CHECK(config.http.listen == listen_address{"127.0.0.1", 8080});
}

TEST_CASE("config: every setting has a name and an environment variable of its own") {
  std::set<std::string> names;
  for (const auto& each : all_settings()) {
    CHECK_FALSE(each.accepts.empty());
    CHECK(names.insert(environment_name(each)).second);
  }
  CHECK(names.contains("BV_HTTP_LISTEN"));
}

TEST_CASE("config: the operator's guide describes every setting") {
  std::ifstream file(BV_SOURCE_ROOT "/docs/operations.md");
  std::ostringstream guide;
  guide << file.rdbuf();
  for (const auto& each : all_settings()) {
    CAPTURE(each.section);
    CAPTURE(each.key);
    CHECK(guide.str().find("| `[" + std::string(each.section) + "] " + std::string(each.key) + "` |") != std::string::npos);
  }
}
