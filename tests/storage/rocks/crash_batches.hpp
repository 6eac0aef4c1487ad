#pragma once

#include "storage/derived_store.hpp"
#include "tests/storage/batches.hpp"

/// What the child writes, so that the parent knows what must be there.
namespace bv::storage {

constexpr std::uint16_t crash_shards = 3;

struct ack {
  std::uint16_t shard = 0;
  std::uint64_t index = 0;
};

/// One of a few entities, so that rows change often.
inline std::uint64_t crash_entity(std::uint64_t index) {
  return index % 17;
}
inline std::uint64_t crash_events(std::uint64_t index) {
  return index % 3;
}

inline entity_key crash_key(std::uint64_t index) {
  return entity_key::trusted("default", "cart", "c" + std::to_string(crash_entity(index)));
}

/// The wake-up that batch `index` leaves its entity with.
inline timestamp crash_wake(std::uint64_t index) {
  return index == 0 ? timestamp{} : timestamp{static_cast<std::int64_t>(index)};
}

inline std::uint64_t crash_previous(std::uint64_t index) {
  return index > 17 ? index - 17 : 0;
}

inline bytes crash_batch(std::uint64_t index, std::uint64_t first_offset) {
  const auto before = crash_previous(index);
  return make_batch(log_index{index}, event_offset{first_offset},
                    {{crash_key(index).text(), index, log_index{before},
                      std::vector<std::string>(crash_events(index), std::string(index % 700, 'e')),
                      crash_wake(before), crash_wake(index)}});
}

inline entity_update crash_update(std::uint64_t index) {
  return {crash_key(index),  index, log_index{index}, crash_wake(crash_previous(index)),
          crash_wake(index), {}};
}

}  // namespace bv::storage
