#include "tools/bench/bench_nodes.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>
#include <utility>

#include "actors/commerce/sample_data.hpp"
#include "protocols/http_client/client.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/shopper.hpp"

namespace bv::bench {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds ready_within{120'000}, stopped_within{60'000}, one_look{5'000};
constexpr double rest_seconds = 1, rest_seconds_max = 120;
constexpr std::int64_t items_of_a_sku_max = 10;  ///< that a cart may hold

/// Looks until `come_true` says something else than nothing. Errors: what it says, or `not_at_rest`.
result<void> await(const std::string& what, const std::function<result<bool>()>& come_true) {
  const auto deadline = wall_seconds() + rest_seconds_max;
  while (wall_seconds() < deadline) {
    BV_ASSIGN(const auto is_true, come_true());
    if (is_true) return {};
    let_pass(between_looks);
  }
  return failure(error_kind::timeout, "not_at_rest", what + ": not within " + std::to_string(rest_seconds_max) + " s");
}

/// What fills a cart of a node's stock view, once that has caught up and all goods are sold; else nothing.
result<std::vector<std::string>> goods_at(const processes::node_process& node) {
  BV_ASSIGN(const auto answer, http_client::get(node.address(), "/api/inventory?limit=200", {.within = one_look}));
  boost::system::error_code failed;
  const auto all = json::parse(answer.body, failed);
  std::vector<std::string> skus;
  if (failed || !all.is_object() || !all.get_object().contains("items")) return skus;
  const auto* const lag = all.get_object().if_contains("lag");
  if (!lag || !lag->is_number() || lag->to_number<double>() > 0) return skus;
  // Each is stocked by a reaction, which may be put off while a shard has no leader.
  if (all.at("items").as_array().size() < commerce::sample_catalogue().size()) return skus;
  for (const auto& row : all.at("items").as_array()) {
    if (!row.at("onSale").as_bool()) return std::vector<std::string>{};
    // Some are short in the sample data, or sold out.
    if (row.at("available").to_number<std::int64_t>() >= items_of_a_sku_max) skus.emplace_back(row.at("sku").as_string());
  }
  return skus;
}

}  // namespace

void let_pass(std::chrono::duration<double> time) {
  std::this_thread::sleep_for(time);  // tidy-allow: sleep: other processes are measured over time, or asked again
}

result<std::unique_ptr<bench_nodes>> bench_nodes::start(const std::string& folder, std::size_t count, std::uint16_t shards) {
  processes::cluster_options wanted{.folder = folder, .program = {}};
  wanted.names.resize(count);
  wanted.shards = shards;
  wanted.replicas = static_cast<std::uint16_t>(count);
  wanted.sample_data = true;
  wanted.log_level = "warning";
  BV_ASSIGN(auto nodes, processes::process_cluster::make(wanted));
  auto made = std::unique_ptr<bench_nodes>(new bench_nodes(std::move(nodes), shards));
  BV_TRY(made->nodes_.start(ready_within));
  BV_TRY(made->wait_for_goods());
  return made;
}

result<void> bench_nodes::wait_for_goods() {
  std::size_t before = 0;
  return await("the sample data", [&]() -> result<bool> {
    BV_ASSIGN(skus_, goods_at(nodes_[0]));
    bool same = !skus_.empty() && std::exchange(before, skus_.size()) == skus_.size();
    for (std::size_t i = 1; i < nodes_.size() && same; ++i) {
      BV_ASSIGN(const auto there, goods_at(nodes_[i]));
      same = there.size() == skus_.size();
    }
    return same;
  });
}

std::vector<std::uint16_t> bench_nodes::ports() {
  std::vector<std::uint16_t> all;
  for (std::size_t i = 0; i < nodes_.size(); ++i) all.push_back(nodes_[i].place().http_port);
  return all;
}

result<std::vector<double>> bench_nodes::cpu_seconds() {
  std::vector<double> all;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    BV_TRY(nodes_[i].still_runs());
    // proc(5): utime and stime are the 14th and 15th field, and the 2nd, in brackets, may hold anything.
    std::stringstream text;
    text << std::ifstream("/proc/" + std::to_string(nodes_[i].pid()) + "/stat").rdbuf();
    std::istringstream fields(text.str().substr(text.str().rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    all.push_back((user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
  }
  return all;
}

/// What follows from the sample data goes on for a while after it is there: so it is looked at until nothing has been added for a time.
result<std::uint64_t> bench_nodes::events_at_rest() {
  std::uint64_t events = 0;
  auto since = wall_seconds();
  BV_TRY(await("all nodes have the same events, and no more come", [&]() -> result<bool> {
    BV_ASSIGN(const auto now, events_by_node());
    BV_ASSIGN(const auto own, events_of_cluster());
    const auto [fewest, most] = std::ranges::minmax(now);
    if (fewest != most || std::exchange(events, most - own) != most - own) since = wall_seconds();
    return wall_seconds() - since >= rest_seconds;
  }));
  return events;
}

result<std::vector<std::uint64_t>> bench_nodes::events_by_node() {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    BV_ASSIGN(const auto seen, processes::look_at_cluster(nodes_[i].address(), one_look));
    std::uint64_t sum = 0;
    for (const auto& one : seen.shards) sum += one.last_offset;
    all.push_back(sum);
  }
  return all;
}

/// What a cluster writes down about itself, now and then, is no event of a command's.
result<std::uint64_t> bench_nodes::events_of_cluster() {
  if (nodes_.size() == 1) return 0;
  const std::string members = "/api/actors/cluster/members";
  BV_ASSIGN(const auto answer, http_client::get(nodes_[0].address(), members, {.within = one_look}));
  if (const auto version = answer.version(); answer.status == 200 && version) return *version;
  if (answer.status == 404) return 0;
  return failure(error_kind::unavailable, "not_at_rest", "GET " + members + " is answered with " + std::to_string(answer.status));
}

result<std::vector<std::string>> bench_nodes::leaders() {
  std::vector<std::string> all;
  BV_TRY(await("all shards are led", [&]() -> result<bool> {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].pid() == 0) continue;
      const auto seen = processes::look_at_cluster(nodes_[i].address(), one_look);
      if (!seen) continue;
      all.clear();
      for (const auto& one : seen->shards) all.push_back(one.leader);
      return std::ranges::none_of(all, &std::string::empty);
    }
    return false;
  }));
  return all;
}

result<void> bench_nodes::stop() { return nodes_.stop(stopped_within); }

std::string cart_request(const std::vector<std::string>& skus, std::uint32_t connection, std::uint64_t count) {
  constexpr std::uint64_t carts_per_connection = 10;
  const auto shopper = "shopper-" + std::to_string(connection * carts_per_connection + count % carts_per_connection);
  if (empties_cart(count / carts_per_connection)) return http_request("DELETE /api/cart", shopper);
  return http_request("POST /api/cart/items", shopper,
                      R"({"sku":")" + skus[(connection + count * 7) % skus.size()] + R"(","quantity":1})");
}

}  // namespace bv::bench
