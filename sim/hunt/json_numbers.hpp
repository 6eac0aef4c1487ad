#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace bv::sim {

/// Changes the `which`th whole number (from 0) in a JSON text; numbers in strings, with a fraction or an exponent, and
/// those that 64 bits do not hold, are left alone and not counted. False: there is no such number, or `change` says
/// that it did not change it.
bool change_number(std::string& json, std::size_t which, const std::function<bool(std::int64_t&)>& change);

}  // namespace bv::sim
