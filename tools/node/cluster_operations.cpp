#include "tools/node/cluster_operations.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <future>
#include <utility>

#include "protocols/schema/base/time.hpp"
#include "tools/node/bad_arguments.hpp"
#include "tools/node/cluster_start.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;
namespace members = runtime::members;

using namespace std::chrono_literals;
using runtime::cluster_status;
using state = members::state;

// --- What the cluster looks like ---------------------------------------------------------------------------------

std::string name_of(const state& of, std::uint64_t id) {
  const auto* const found = members::find(of, id);
  return found ? found->name : id == 0 ? std::string() : std::to_string(id);
}

json::object node_text(const cluster_status& seen, const members::node& one) {
  std::int64_t votes = 0, leads = 0;
  for (const auto& shard : seen.members->state.shards) votes += std::ranges::count(shard.voters, one.id);
  for (const auto& shard : seen.shards) leads += shard.leader.value == one.id;
  const auto peer = std::ranges::find(seen.nodes, runtime::node_id{one.id}, &runtime::peer_status::node);
  return {{"name", one.name}, {"id", std::to_string(one.id)}, {"address", one.address},
          {"standing", std::string(to_string(one.standing))}, {"since", one.since == timestamp{} ? "" : to_rfc3339(one.since)},
          {"feature_level", one.feature_level}, {"reached", peer != seen.nodes.end() && peer->reached},
          {"votes", votes}, {"leads", leads}};
}

json::object shard_text(const cluster_status& seen, std::size_t number) {
  const auto& now = seen.members->state;
  const auto& shard = seen.shards[number];
  json::object text{{"shard", number}, {"leader", name_of(now, shard.leader.value)}, {"term", shard.term.value},
                    {"committed", shard.committed.value}, {"taken_in", shard.taken_in.value}};
  if (number < now.shards.size()) {
    json::array voters;
    for (const auto id : now.shards[number].voters) voters.emplace_back(name_of(now, id));
    text["voters"] = std::move(voters);
    text["settled"] = now.shards[number].settled;
  }
  json::array followers;
  for (const auto& one : shard.followers)
    followers.push_back(json::object{{"name", name_of(now, one.node.value)}, {"votes", one.votes}, {"entries_behind", one.entries_behind}});
  text["followers"] = std::move(followers);
  return text;
}

json::object text_of(const cluster_status& seen) {
  json::array nodes, waiting, shards;
  const auto& now = seen.members->state;
  for (const auto& one : now.nodes) nodes.push_back(node_text(seen, one));
  for (const auto& one : seen.waiting) waiting.push_back(json::object{{"name", one.name}, {"address", one.address}});
  for (std::size_t i = 0; i < seen.shards.size(); ++i) shards.push_back(shard_text(seen, i));
  const auto self = std::ranges::find(seen.nodes, true, &runtime::peer_status::self);
  return {{"node", self == seen.nodes.end() ? "" : self->name}, {"replicas", now.replicas}, {"nodes", std::move(nodes)},
          {"waiting", std::move(waiting)}, {"shards", std::move(shards)},
          {"settled", now.shards.size() - members::unsettled(now)}, {"balancing", now.balancing}};
}

// --- What is asked of it -----------------------------------------------------------------------------------------

struct arguments {
  std::string name, with;
  std::uint16_t shard = 0;
  bool has_shard = false, fewer_replicas = false, wait = true;
};

result<arguments> read_arguments(const json::object& from, std::string_view takes) {
  arguments read;
  for (const auto& [key, value] : from) {
    if (key != "wait" && takes.find(std::string(key)) == takes.npos)
      return bad_arguments("it takes " + std::string(takes.empty() ? "nothing" : takes), std::string(key));
    if (key == "name" && value.is_string())
      read.name = value.as_string();
    else if (key == "with" && value.is_string())
      read.with = value.as_string();
    else if (key == "shard" && value.is_int64() && value.as_int64() >= 0 && value.as_int64() <= UINT16_MAX)
      read.has_shard = true, read.shard = static_cast<std::uint16_t>(value.as_int64());
    else if (key == "fewer_replicas" && value.is_bool())
      read.fewer_replicas = value.as_bool();
    else if (key == "wait" && value.is_bool())
      read.wait = value.as_bool();
    else
      return bad_arguments("the value is of another kind", std::string(key));
  }
  if (takes.find("name") != takes.npos && read.name.empty()) return bad_arguments("say which node", "name");
  if (takes.find("shard") != takes.npos && !read.has_shard) return bad_arguments("say which shard", "shard");
  return read;
}

result<members::identity> waiting_node(const cluster_status& seen, const std::string& name) {
  const auto found = std::ranges::find(seen.waiting, name, &runtime::node_hello::name);
  if (found != seen.waiting.end()) return members::identity{found->node.value, found->name, found->address, found->feature_level};
  std::string others;
  for (const auto& one : seen.waiting) others += (others.empty() ? "" : ", ") + one.name;
  return failure(error_kind::not_found, "not_waiting",
                 "no node " + name + " waits to be let in (" + (others.empty() ? "none does" : others + " does") +
                     "): start it with an empty data folder and this cluster's nodes as its seeds", "name");
}

bool settled(const state& now) { return !now.shards.empty() && members::unsettled(now) == 0 && !now.balancing; }

bool leads_nothing(const cluster_status& seen, const std::string& name) {
  const auto* const who = members::find(seen.members->state, name);
  return !who || std::ranges::none_of(seen.shards, [&](const auto& one) { return one.leader.value == who->id; });
}

/// One thing that can be asked, and when it is done.
struct change {
  std::string_view name, takes;
  result<members::command> (*command)(const arguments& asked, const cluster_status& seen);
  bool (*done)(const arguments& asked, const cluster_status& seen);
};

constexpr change changes[] = {
    {"join", "name",
     [](const arguments& asked, const cluster_status& seen) -> result<members::command> {
       BV_ASSIGN(auto who, waiting_node(seen, asked.name));
       return members::join{std::move(who)};
     },
     [](const arguments&, const cluster_status& seen) { return settled(seen.members->state); }},
    {"replace", "name, with",
     [](const arguments& asked, const cluster_status& seen) -> result<members::command> {
       BV_ASSIGN(auto who, waiting_node(seen, asked.with.empty() ? asked.name : asked.with));
       return members::replace{asked.name, std::move(who)};
     },
     [](const arguments&, const cluster_status& seen) {
       return settled(seen.members->state) &&
              std::ranges::none_of(seen.members->state.nodes, [](const auto& one) { return one.standing >= members::standing::leaving; });
     }},
    {"drain", "name",
     [](const arguments& asked, const cluster_status&) -> result<members::command> { return members::drain{asked.name}; },
     [](const arguments& asked, const cluster_status& seen) { return settled(seen.members->state) && leads_nothing(seen, asked.name); }},
    {"resume", "name",
     [](const arguments& asked, const cluster_status&) -> result<members::command> { return members::resume{asked.name}; },
     [](const arguments&, const cluster_status& seen) { return settled(seen.members->state); }},
    {"remove", "name, fewer_replicas",
     [](const arguments& asked, const cluster_status&) -> result<members::command> {
       return members::remove{asked.name, asked.fewer_replicas};
     },
     [](const arguments& asked, const cluster_status& seen) {
       return settled(seen.members->state) && !members::find(seen.members->state, asked.name);
     }},
    {"rebalance", "",
     [](const arguments&, const cluster_status&) -> result<members::command> { return members::rebalance{}; },
     [](const arguments&, const cluster_status& seen) { return settled(seen.members->state); }},
    {"transfer", "shard, name",
     [](const arguments& asked, const cluster_status&) -> result<members::command> {
       return members::prefer{asked.shard, asked.name};
     },
     [](const arguments& asked, const cluster_status& seen) {
       const auto* const who = members::find(seen.members->state, asked.name);
       return who && asked.shard < seen.shards.size() && seen.shards[asked.shard].leader.value == who->id;
     }},
};

class change_operation final : public admin::operation {
 public:
  change_operation(runtime::node& of, const change& what) : of_(of), what_(what) {}

  std::string_view name() const override { return what_.name; }
  bool alone() const override { return false; }

  result<json::object> run(const json::object& given, const admin::running& now) override {
    constexpr auto between_words = 500ms;  // how often an operator hears how far it is
    BV_ASSIGN(const auto asked, read_arguments(given, what_.takes));
    BV_ASSIGN(const auto command, what_.command(asked, of_.cluster()));
    BV_ASSIGN(const auto version, ask(command));
    // What is done is what the log says, once it has come here.
    while (asked.wait) {
      const auto seen = of_.cluster();
      if (seen.members->version >= version && what_.done(asked, seen)) break;
      if (now.stop.stop_requested())
        return failure(error_kind::unavailable, "cancelled", "nobody waits for it any more; it goes on all the same");
      now.progress({{"settled", seen.members->state.shards.size() - members::unsettled(seen.members->state)},
                    {"shards", seen.members->state.shards.size()}});
      const auto known = seen.members->version;
      static_cast<void>(of_.members()->wait([known](const auto& view) { return view.version > known; }, now.stop, between_words));
    }
    return text_of(of_.cluster());
  }

 private:
  result<std::uint64_t> ask(const members::command& what) {
    std::promise<result<runtime::receipt>> answered;
    of_.entities().ask({.entity = members::key(), .command = members::contract::encode(what),
                        .command_id = "operator/" + std::to_string(fresh_number()),
                        .from = {.principal = "operator", .trace = {}, .correlation = {}}, .deadline = {}, .expected_version = {}},
                       [&](result<runtime::receipt> said) { answered.set_value(std::move(said)); });
    BV_ASSIGN(const auto receipt, answered.get_future().get());
    return receipt.version;
  }

  runtime::node& of_;
  const change& what_;
};

class cluster_operation final : public admin::operation {
 public:
  explicit cluster_operation(const runtime::node& of) : of_(of) {}
  std::string_view name() const override { return "cluster"; }
  bool alone() const override { return false; }
  result<json::object> run(const json::object& given, const admin::running&) override {
    if (!given.empty()) return bad_arguments("it takes nothing", std::string(given.begin()->key()));
    return text_of(of_.cluster());
  }

 private:
  const runtime::node& of_;
};

}  // namespace

std::vector<std::unique_ptr<admin::operation>> make_cluster_operations(runtime::node& of) {
  std::vector<std::unique_ptr<admin::operation>> all;
  all.push_back(std::make_unique<cluster_operation>(of));
  for (const auto& what : changes) all.push_back(std::make_unique<change_operation>(of, what));
  return all;
}

}  // namespace bv::tools
