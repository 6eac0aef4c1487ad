#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "actors/runtime/node.hpp"
#include "protocols/schema/base/result.hpp"
#include "tools/bench/benches.hpp"
#include "tools/node/running_node.hpp"

namespace bv::bench {

/// The config of `bv node`, with its data in `folder`, no sample data, and without HTTP.
tools::node_config quiet_config(const std::string& folder);

/// Commands under way while carts are filled that are to be there when the clock starts.
inline constexpr std::uint32_t filling_in_flight = 1024;

/// A node as `bv node` runs it, in this process, on a real disk.
class shop {
 public:
  /// Returns when it is ready.
  static result<std::unique_ptr<shop>> open(const tools::node_config& config);

  runtime::gateway& entities() { return running_->actors().entities(); }
  runtime::node& node() { return running_->actors(); }
  [[nodiscard]] std::uint16_t http_port() const { return running_->http_port(); }

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
  shop() : log_(tools::log_level::warning, tools::log_format::text, stderr) {}
  result<bytes> view(const entity_key& who);

  tools::logger log_;
  std::unique_ptr<tools::running_node> running_;
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
