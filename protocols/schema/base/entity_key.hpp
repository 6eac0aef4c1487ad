#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "protocols/schema/base/result.hpp"

namespace bv {

/// The address of one aggregate: `{tenant, type, id}`, held in its canonical form `tenant/type/id`.
/// Each part is 1 to 128 bytes of `[A-Za-z0-9._:~-]`, so the form needs no escapes and sorts by tenant,
/// then type, then id.
class entity_key {
 public:
  static constexpr std::size_t part_size_max = 128;
  static constexpr std::string_view default_tenant = "default";

  entity_key() = default;

  /// Checks each part; the error names the part and the first bad character.
  static result<entity_key> make(std::string_view tenant, std::string_view type, std::string_view id);

  /// For parts known to be well-formed (constants, keys read back from our own journal); asserts that they are.
  static entity_key trusted(std::string_view tenant, std::string_view type, std::string_view id);

  /// Reads the canonical form.
  static result<entity_key> parse(std::string_view canonical);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view tenant() const;
  [[nodiscard]] std::string_view type() const;
  [[nodiscard]] std::string_view id() const;
  /// `type/id`: what the shard is chosen by.
  [[nodiscard]] std::string_view type_and_id() const;
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend auto operator<=>(const entity_key&, const entity_key&) = default;

 private:
  explicit entity_key(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bv

template <>
struct std::hash<bv::entity_key> {
  std::size_t operator()(const bv::entity_key& key) const noexcept {
    return std::hash<std::string>{}(key.text());
  }
};
