#include "tools/node/identity.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <fstream>
#include <sstream>

#include "protocols/cluster/whole_file.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

std::string path_of(const std::string& data_dir) { return data_dir + "/cluster.json"; }

/// Ids are text: 64 bits are more than JSON's readers keep.
std::string text_of(std::uint64_t id) { return std::to_string(id); }

std::uint64_t id_in(const json::value& from) {
  const auto text = std::string_view(from.as_string());
  std::uint64_t id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (fault != std::errc{} || end != text.data() + text.size()) throw std::invalid_argument("an id is not a number");
  return id;
}

std::vector<runtime::founder> nodes_in(const json::value& from) {
  std::vector<runtime::founder> all;
  for (const auto& one : from.as_array())
    all.push_back({id_in(one.at("node")), std::string(one.at("name").as_string()), std::string(one.at("address").as_string())});
  return all;
}

json::array text_of(const std::vector<runtime::founder>& nodes) {
  json::array all;
  for (const auto& one : nodes) all.push_back({{"node", text_of(one.node)}, {"name", one.name}, {"address", one.address}});
  return all;
}

node_identity parse(const json::value& from) {
  node_identity found{.node = runtime::node_id{id_in(from.at("node"))}, .cluster = {}};
  const auto* const cluster = from.as_object().if_contains("cluster");
  if (!cluster) return found;
  runtime::charter charter{.cluster = id_in(cluster->at("id")),
                           .shards = cluster->at("shards").to_number<std::uint16_t>(),
                           .replicas = cluster->at("replicas").to_number<std::uint16_t>(),
                           .founders = nodes_in(cluster->at("founders"))};
  if (const auto* const history = cluster->as_object().if_contains("history")) charter.history = id_in(*history);
  const auto* const members = cluster->as_object().if_contains("members");
  found.cluster = {std::move(charter), members ? nodes_in(*members) : std::vector<runtime::founder>{}};
  return found;
}

}  // namespace

result<std::optional<node_identity>> read_identity(const std::string& data_dir) {
  std::ifstream file(path_of(data_dir));
  if (!file) return std::optional<node_identity>{};
  std::ostringstream text;
  text << file.rdbuf();
  try {
    return std::optional(parse(json::parse(text.str())));
  } catch (const std::exception& fault) {
    return failure(error_kind::internal, "identity_corrupt",
                   std::string("the file that says which node this folder is can't be read: ") + fault.what(), path_of(data_dir));
  }
}

result<void> write_identity(const std::string& data_dir, const node_identity& identity) {
  json::object text{{"node", text_of(identity.node.value)}};
  if (identity.cluster) {
    const auto& [founded, members] = *identity.cluster;
    text["cluster"] = {{"id", text_of(founded.cluster)},
                       {"shards", founded.shards},
                       {"replicas", founded.replicas},
                       {"founders", text_of(founded.founders)},
                       {"members", text_of(members)}};
    if (founded.history > 0) text["cluster"].as_object()["history"] = text_of(founded.history);
  }
  return cluster::write_whole_file(path_of(data_dir), json::serialize(text) + "\n", 0644, cluster::existing::replace);
}

}  // namespace bv::tools
