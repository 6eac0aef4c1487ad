#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace bv {

/// A number that can't be mixed up with another kind of number. `Tag` is a name, never defined.
template <class Tag, class Number>
struct strong {
  using number_type = Number;
  Number value{};

  constexpr strong() = default;
  constexpr explicit strong(Number n) : value(n) {}
  friend constexpr auto operator<=>(strong, strong) = default;

  [[nodiscard]] constexpr strong next() const { return strong{static_cast<Number>(value + 1)}; }
};

}  // namespace bv

template <class Tag, class Number>
struct std::hash<bv::strong<Tag, Number>> {
  std::size_t operator()(bv::strong<Tag, Number> s) const noexcept { return std::hash<Number>{}(s.value); }
};
