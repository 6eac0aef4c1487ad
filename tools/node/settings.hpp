#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/node/config.hpp"

namespace bv::tools {

/// A value as TOML or the environment gave it.
using setting_value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
enum class setting_kind { text, integer, boolean, list };  ///< in the order of setting_value

/// One key of the config file. The table below is all there is: the parser, the environment, the suggestions
/// and the test of docs/operations.md read it.
struct setting {
  std::string_view section;
  std::string_view key;
  setting_kind kind;
  std::string_view accepts;  ///< for people: "fsync or os", "1 to 4096"
  /// Checks and stores; the error says what would be right. Never called with another kind of value.
  std::function<result<void>(node_config&, const setting_value&)> store;
};

std::span<const setting> all_settings();

/// `BV_HTTP_LISTEN` for [http] listen.
std::string environment_name(const setting& what);

}  // namespace bv::tools
