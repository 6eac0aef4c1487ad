#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actors/runtime/node.hpp"
#include "protocols/schema/base/result.hpp"
#include "storage/store.hpp"
#include "tools/bench/benches.hpp"

namespace bv::bench {

/// A node that serves the shop in this process, on a real disk, without protocols.
class shop {
 public:
  /// `live_max`: entities in memory, all shards together; 0 for the default.
  static result<std::unique_ptr<shop>> open(const bench_options& options, std::uint64_t live_max = 0);
  ~shop();

  runtime::gateway& entities() { return node_->entities(); }
  runtime::node& node() { return *node_; }

  /// Puts `count` SKUs ("SKU-0" …) with `units` each on the shelf, and waits until carts see them.
  result<void> stock(std::uint32_t count, std::uint32_t units);
  static std::string sku(std::uint64_t number) { return "SKU-" + std::to_string(number); }

  /// The decoded state of an entity.
  template <class Contract>
  result<typename Contract::state_type> look(std::string_view type, std::string_view id) {
    BV_ASSIGN(const auto data, view(entity_key::trusted(entity_key::default_tenant, type, id)));
    typename Contract::state_type state;
    BV_TRY(Contract::decode(data, state));
    return state;
  }

 private:
  shop() = default;
  result<bytes> view(const entity_key& who);

  runtime::system_clock time_;
  storage::store store_;
  std::optional<runtime::scheduler> scheduler_;
  std::unique_ptr<runtime::node> node_;
};

/// A command as a benchmark sends it: with an id if `command_id` is not empty.
template <class Contract>
runtime::command_request request(std::string_view type, std::string_view id, const typename Contract::command_type& command,
                                 std::string command_id = {}) {
  return {.entity = entity_key::trusted(entity_key::default_tenant, type, id),
          .command = Contract::encode(command),
          .command_id = std::move(command_id),
          .from = {},
          .deadline = {},
          .expected_version = {}};
}

}  // namespace bv::bench
