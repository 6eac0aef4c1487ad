#include "tools/admin/cluster_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <string_view>
#include <vector>

#include "tools/admin/answers.hpp"
#include "tools/admin/progress_line.hpp"
#include "tools/exit_codes.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

std::string text_in(const json::object& of, std::string_view key) { return std::string(of.at(key).as_string()); }
std::string number_in(const json::object& of, std::string_view key) { return std::to_string(of.at(key).to_number<std::uint64_t>()); }

/// Columns as wide as what is in them.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] + 2 - row[i].size(), ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("%s\n", line.c_str());
  }
}

result<json::object> ask_cluster(const node_place& where) {
  BV_ASSIGN(const auto data_dir, data_dir_of(where));
  auto said = ask_node(data_dir, "cluster", {}, [](const json::object&) {});
  if (!said && said.error().code == "no_such_operation")
    return failure(error_kind::conflict, "not_in_a_cluster", "the node is alone: its config names no seeds");
  return said;
}

void print_nodes(const json::object& said) {
  std::vector<std::vector<std::string>> rows{{"NODE", "ADDRESS", "STANDING", "SINCE", "REACHED", "VOTES", "LEADS", "LEVEL"}};
  for (const auto& each : said.at("nodes").as_array()) {
    const auto& one = each.as_object();
    const bool self = one.at("name") == said.at("node");
    rows.push_back({text_in(one, "name") + (self ? " (asked)" : ""), text_in(one, "address"), text_in(one, "standing"),
                    text_in(one, "since"), one.at("reached").as_bool() ? "yes" : "no", number_in(one, "votes"), number_in(one, "leads"),
                    number_in(one, "feature_level")});
  }
  for (const auto& each : said.at("waiting").as_array())
    rows.push_back({text_in(each.as_object(), "name"), text_in(each.as_object(), "address"), "waits to be let in", "", "yes", "", "", ""});
  print_table(rows);
  std::printf("%s of %zu shards are settled%s\n", number_in(said, "settled").c_str(), said.at("shards").as_array().size(),
              said.at("balancing").as_bool() ? "; votes and leaderships are being spread evenly" : "");
}

std::string followers_of(const json::object& shard) {
  std::string all;
  for (const auto& each : shard.at("followers").as_array()) {
    const auto& one = each.as_object();
    if (one.at("name") == shard.at("leader")) continue;
    const auto behind = one.at("entries_behind").to_number<std::uint64_t>();
    all += (all.empty() ? "" : ", ") + text_in(one, "name") + (one.at("votes").as_bool() ? "" : " (no vote)") +
           (behind == 0 ? " level" : " " + std::to_string(behind) + " behind");
  }
  return all;
}

void print_shards(const json::object& said) {
  std::vector<std::vector<std::string>> rows{{"SHARD", "LEADER", "TERM", "VOTERS", "SETTLED", "COMMITTED", "FOLLOWERS (AS THE LEADER SEES THEM)"}};
  for (const auto& each : said.at("shards").as_array()) {
    const auto& one = each.as_object();
    std::string voters;
    if (const auto* const named = one.if_contains("voters"))
      for (const auto& name : named->as_array()) voters += (voters.empty() ? "" : ",") + std::string(name.as_string());
    const auto* const settled = one.if_contains("settled");
    rows.push_back({number_in(one, "shard"), text_in(one, "leader").empty() ? "-" : text_in(one, "leader"), number_in(one, "term"), voters,
                    settled && settled->as_bool() ? "yes" : "no", number_in(one, "committed"), followers_of(one)});
  }
  print_table(rows);
}

int show(const char* command, const cluster_show_options& options, void (*print_text)(const json::object&)) {
  const auto said = ask_cluster(options.node);
  if (!said) return give_up(command, said.error());
  options.json ? print_json(*said) : print_text(*said);
  return exit_done;
}

json::object arguments_of(const cluster_change_options& options) {
  json::object all{{"wait", options.wait}};
  if (!options.name.empty()) all["name"] = options.name;
  if (!options.with.empty()) all["with"] = options.with;
  if (options.shard >= 0) all["shard"] = options.shard;
  if (options.fewer_replicas) all["fewer_replicas"] = true;
  return all;
}

}  // namespace

int run_nodes_command(const cluster_show_options& options) { return show("nodes", options, print_nodes); }
int run_shards_command(const cluster_show_options& options) { return show("shards", options, print_shards); }

int run_cluster_change_command(const cluster_change_options& options) {
  const auto data_dir = data_dir_of(options.node);
  if (!data_dir) return give_up(options.operation, data_dir.error());
  const auto said = [&] {
    progress_line line(stderr, ::isatty(STDERR_FILENO) != 0);
    return ask_node(*data_dir, options.operation, arguments_of(options), [&](const json::object& now) {
      if (!options.json)
        line.show_count("shards settled", now.at("settled").to_number<std::uint64_t>(), now.at("shards").to_number<std::uint64_t>());
    });
  }();
  if (!said) return give_up(options.operation, said.error());
  options.json ? print_json(*said) : print_nodes(*said);
  return exit_done;
}

}  // namespace bv::tools
