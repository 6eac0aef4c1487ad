#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/commerce/inventory.hpp"
#include "sim/plan/plan.hpp"

namespace bv::sim {

struct story;

/// By how many units an event changes what is available.
std::int64_t change_of(const commerce::inventory::event& of);
/// Whether an event concerns a reservation, or goods that come back.
bool is_about(const commerce::inventory::event& what, std::string_view reservation);

/// What the shelves have to do with a story.
struct stock_record {
  std::vector<shelf> shelves;             ///< as the story found them
  std::vector<fault> faults;              ///< what others did to them, as commands
  std::vector<expectation> expectations;
  std::vector<std::string> notes;         ///< what could not be written
};
stock_record record_stock(const story& of);

}  // namespace bv::sim
