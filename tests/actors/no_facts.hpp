#pragma once

#include "actors/runtime/aggregate.hpp"

namespace bv::test {

/// Of a world in which nothing is known.
class no_facts final : public runtime::facts {
 public:
  std::optional<bytes> find(std::string_view, std::string_view) const override { return std::nullopt; }
};

}  // namespace bv::test
