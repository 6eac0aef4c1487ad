#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::sim {

using contract_list = std::span<const schema::aggregate_contract* const>;

/// What "cart/ada" means. Error `plan_entity`.
struct named_entity {
  const schema::aggregate_contract* type = nullptr;
  entity_key key;
};
result<named_entity> find_entity(std::string_view text, contract_list contracts);

/// What "order.placed" means. Error `plan_event`.
result<const schema::event_type*> find_event(std::string_view text, contract_list contracts);

/// Error `plan_command`, with the nearest name.
result<const schema::command_type*> find_command(const schema::aggregate_contract& type, std::string_view name);

/// The field, or the list, at a path ("status", "lines.0.sku", "lines") of what JSON shows of a struct. Error `plan_path`.
struct named_field {
  schema::kind of{};
  const schema::enum_type* enumeration = nullptr;
};
result<named_field> find_field(const schema::struct_type& in, std::string_view path);

/// Whether a field may have a value, written as JSON has it and text without quotes. Error `plan_value`.
result<void> check_value(const named_field& field, std::string_view value);

}  // namespace bv::sim
