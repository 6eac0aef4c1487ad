#pragma once

#include <memory>

#include "actors/runtime/aggregate.hpp"
#include "protocols/schema/base/entity_key.hpp"
#include "protocols/schema/cluster/members.hpp"

namespace bv::runtime::members {

/// How many shards' groups are changed at a time, of those that nothing forces to.
inline constexpr std::size_t moves_at_once = 4;
/// Ids of removed nodes that are remembered; the oldest are forgotten.
inline constexpr std::size_t removed_max = 10'000;

/// The one entity of its type in a cluster.
entity_key key();

std::unique_ptr<aggregate_type> make_type();

/// Null if there is none.
const node* find(const state& now, std::uint64_t id);
const node* find(const state& now, std::string_view name);

/// What all members understand; 0 if there are none.
std::uint32_t feature_level(const state& now);

/// Shards whose groups are not yet as wished.
std::size_t unsettled(const state& now);

}  // namespace bv::runtime::members
