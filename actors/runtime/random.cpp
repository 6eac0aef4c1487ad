#include "actors/runtime/random.hpp"

#include <bit>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/hash.hpp"

namespace bv::runtime {
namespace {

/// Steele, Lea & Flood: spreads a seed over the whole state, so that near seeds give unrelated streams.
std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

random_source::random_source(std::uint64_t seed) {
  for (auto& word : state_) word = splitmix64(seed);
}

std::uint64_t random_source::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t random_source::below(std::uint64_t bound) {
  BV_ASSERT(bound > 0, "a random number below zero was asked for");
  __extension__ using wide = unsigned __int128;
  wide product = static_cast<wide>(next()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t unfair = -bound % bound;
    while (static_cast<std::uint64_t>(product) < unfair) product = static_cast<wide>(next()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double random_source::fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t derive_seed(std::uint64_t seed, bytes_view name) {
  std::uint64_t state = seed ^ hash64(name);
  return splitmix64(state);
}

}  // namespace bv::runtime
