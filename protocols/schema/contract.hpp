#pragma once

#include <cstdint>
#include <string>

namespace bv::schema {

struct aggregate_declaration;

/// What an aggregate's contract says, for everything that treats all aggregates alike. Immutable.
class aggregate_contract {
 public:
  explicit aggregate_contract(const aggregate_declaration& about);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t snapshot_every() const { return snapshot_every_; }

 private:
  std::string name_;
  std::uint32_t snapshot_every_;
};

class query_contract {};

}  // namespace bv::schema
