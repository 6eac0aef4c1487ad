#pragma once

namespace bv {

/// One function of several, for std::visit: `std::visit(overloaded{[](const a&) …, [](const b&) …}, what)`.
template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

}  // namespace bv
