#include "sim/plan/check_scenario.hpp"

#include <limits>
#include <set>

#include "sim/plan/command_body.hpp"
#include "sim/plan/contract_names.hpp"
#include "sim/plan/format.hpp"

namespace bv::sim {
namespace {

class check {
 public:
  check(const plan& what, contract_list contracts) : what_(what), contracts_(contracts) {}

  std::vector<error> all() && {
    check_world();
    check_shelves();
    check_clients();
    for (std::size_t i = 0; i < what_.faults.size(); ++i) {
      at_ = "fault " + std::to_string(i + 1) + " (" + std::string(format::fault_kinds[what_.faults[i].what.index()]) + ")";
      check_fault(what_.faults[i]);
    }
    for (std::size_t i = 0; i < what_.expectations.size(); ++i) {
      at_ = "expectation " + std::to_string(i + 1);
      const auto& each = what_.expectations[i];
      check_state_field(each.entity, each.path, each.values);
    }
    return std::move(found_);
  }

 private:
  void complain(std::string code, std::string message) {
    found_.push_back({error_kind::invalid, std::move(code), std::move(message), at_});
  }
  /// Keeps the place within a body behind the place in the plan.
  void complain(error why) {
    why.context = at_ + (why.context.empty() ? "" : ", " + why.context);
    found_.push_back(std::move(why));
  }

  void check_node(std::size_t node) {
    if (node >= what_.where.nodes)
      complain("plan_node", "there is no node n" + std::to_string(node + 1) + "; the last is n" +
                                std::to_string(what_.where.nodes));
  }

  void check_cluster() {
    if (!what_.where.clustered()) complain("plan_node", "only nodes of a cluster have a leader and others: set replicas");
  }

  void check_world() {
    at_ = "world";
    if (!what_.clocks.empty()) check_node(what_.clocks.size() - 1);
    // A file can't hold more: TOML's integers have a sign.
    if (what_.processor.seed > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      complain("plan_seed", "the processor's seed must be below 2^63");
  }

  void check_shelves() {
    std::set<std::string_view> skus;
    for (const auto& each : what_.shelves) {
      at_ = "shelf " + each.sku;
      if (auto named = find_entity("inventory/" + each.sku, contracts_); !named) complain(named.error());
      if (!skus.insert(each.sku).second) complain("plan_name_taken", "two shelves have the SKU \"" + each.sku + "\"");
    }
  }

  void check_clients() {
    std::set<std::string_view> names;
    for (const auto& each : what_.clients) {
      at_ = "client " + each.name;
      if (!names.insert(each.name).second) complain("plan_name_taken", "two clients have the name \"" + each.name + "\"");
      check_node(each.node);
      for (std::size_t i = 0; i < each.steps.size(); ++i) {
        at_ = "client " + each.name + ", step " + std::to_string(i + 1);
        if (const auto* ask = std::get_if<ask_step>(&each.steps[i])) check_ask(*ask, false);
        if (const auto* view = std::get_if<view_step>(&each.steps[i])) check_entity(view->entity);
        if (const auto* await = std::get_if<await_step>(&each.steps[i]))
          check_state_field(await->entity, await->path, await->values);
      }
    }
  }

  const schema::aggregate_contract* check_entity(std::string_view text) {
    auto named = find_entity(text, contracts_);
    if (named) return named->type;
    complain(named.error());
    return nullptr;
  }

  void check_ask(const ask_step& step, bool may_be_internal) {
    const auto* type = check_entity(step.entity);
    if (type == nullptr) return;
    const auto command = find_command(*type, step.command);
    if (!command) return complain(command.error());
    if ((*command)->internal && !may_be_internal)
      return complain("plan_command", step.command + " is internal: no client can send it, only a fault of kind command");
    if (auto body = encode_command(*type, **command, step.body); !body) complain(body.error());
  }

  void check_field(const schema::struct_type& in, std::string_view path, std::span<const std::string> values) {
    const auto field = find_field(in, path);
    if (!field) return complain(field.error());
    if (values.empty()) complain("plan_value", "no value is named that \"" + std::string(path) + "\" is to have");
    for (const auto& each : values)
      if (auto fits = check_value(*field, each); !fits) complain(fits.error());
  }

  void check_state_field(std::string_view entity, std::string_view path, std::span<const std::string> values) {
    if (const auto* type = check_entity(entity)) check_field(type->state(), path, values);
  }

  void check_trigger(const trigger& when) {
    const auto triggers = when.at.has_value() + when.on_event.has_value() + when.on_write.has_value();
    if (triggers != 1) complain("plan_trigger", "a fault has one trigger; this one has " + std::to_string(triggers));
    if (!when.on_event) return;
    const auto event = find_event(when.on_event->type, contracts_);
    if (!event) return complain(event.error());
    if (!when.on_event->field.empty())
      check_field(*(*event)->payload, when.on_event->field, std::span(&when.on_event->value, 1));
  }

  void check_end(const std::string& name) {
    for (std::size_t i = 0; i < what_.where.nodes; ++i)
      if (name == "n" + std::to_string(i + 1)) return;
    if (name == leader_name || name == others_name) return check_cluster();
    if (name != "clients" && name != "processor")
      complain("plan_node", "a link ends at clients, at the processor or at a node that there is, not at \"" + name + "\"");
  }

  void check_fault(const fault& each) {
    check_trigger(each.when);
    each.node == the_leader ? check_cluster() : check_node(each.node);
    if (const auto* link = std::get_if<link_fault>(&each.what)) {
      check_end(link->a);
      check_end(link->b);
      const auto names_a_node = [](const std::string& end) { return end == leader_name || end.starts_with("n"); };
      if (link->a == link->b) complain("plan_node", "a link needs two different ends");
      if ((link->a == others_name && !names_a_node(link->b)) || (link->b == others_name && !names_a_node(link->a)))
        complain("plan_node", "\"others\" are all nodes but the one at the other end, which must be a node");
    }
    if (const auto* command = std::get_if<command_fault>(&each.what)) check_ask(command->what, true);
  }

  const plan& what_;
  const contract_list contracts_;
  std::string at_;
  std::vector<error> found_;
};

}  // namespace

std::vector<error> check_scenario(const plan& what, std::span<const schema::aggregate_contract* const> contracts) {
  return check(what, contracts).all();
}

}  // namespace bv::sim
