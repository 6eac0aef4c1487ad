#include <array>

#include "sim/hunt/json_numbers.hpp"
#include "sim/hunt/simplify.hpp"

namespace bv::sim {
namespace {

std::size_t each_client(const plan& p) { return p.clients.size(); }

std::size_t each_step(const plan& p) {
  std::size_t all = 0;
  for (const auto& client : p.clients) all += client.steps.size();
  return all;
}

/// The place'th step of all; nullptr if it is not of that kind.
template <class Kind>
Kind* step_at(plan& p, std::size_t place) {
  for (auto& client : p.clients) {
    if (place < client.steps.size()) return std::get_if<Kind>(&client.steps[place]);
    place -= client.steps.size();
  }
  return nullptr;
}

bool from_the_beginning(plan& p, std::size_t place) { return set_to(p.clients[place].start, duration{}); }

template <std::int64_t Grain_ns>
bool starts_at(plan& p, std::size_t place) {
  return round_to(p.clients[place].start, duration{Grain_ns});
}
template <std::int64_t Grain_ns>
bool waits(plan& p, std::size_t place) {
  auto* const step = step_at<wait_step>(p, place);
  return step != nullptr && round_to(step->time, duration{Grain_ns});
}

bool one_copy(plan& p, std::size_t place) {
  auto* const step = step_at<ask_step>(p, place);
  return step != nullptr && set_to(step->copies, 1U);
}
bool half_the_copies(plan& p, std::size_t place) {
  auto* const step = step_at<ask_step>(p, place);
  return step != nullptr && go_halfway(step->copies, 1U);
}

bool one_copy_less(plan& p, std::size_t place) {
  auto* const step = step_at<ask_step>(p, place);
  return step != nullptr && go_one_step(step->copies, 1U);
}

/// A body rarely has more numbers; those behind stay as they are.
constexpr std::size_t numbers_per_step_max = 8;
std::size_t each_number(const plan& p) { return each_step(p) * numbers_per_step_max; }

template <bool (*One)(std::int64_t&)>
bool on_number(plan& p, std::size_t place) {
  auto* const step = step_at<ask_step>(p, place / numbers_per_step_max);
  return step != nullptr && change_number(step->body, place % numbers_per_step_max, One);
}
bool to_one(std::int64_t& number) { return number > 1 && set_to<std::int64_t>(number, 1); }
bool to_half(std::int64_t& number) { return number > 1 && go_halfway<std::int64_t>(number, 1); }
bool one_less(std::int64_t& number) { return go_one_step<std::int64_t>(number, 1); }

std::size_t each_shelf(const plan& p) { return p.shelves.size(); }
bool usual_stock(plan& p, std::size_t place) { return set_to(p.shelves[place].stock, shelf{}.stock); }
bool usual_price(plan& p, std::size_t place) { return set_to(p.shelves[place].price_minor, shelf{}.price_minor); }
bool half_the_stock(plan& p, std::size_t place) {
  auto& stock = p.shelves[place].stock;
  return stock < shelf{}.stock && go_halfway(stock, 1U);
}

constexpr std::array script_simplifications{
    simplification{"starts at the beginning", each_client, from_the_beginning, true},
    simplification{"starts at a whole second", each_client, starts_at<1'000'000'000>, true},
    simplification{"starts at a whole tenth", each_client, starts_at<100'000'000>, true},
    simplification{"waits whole minutes", each_step, waits<60'000'000'000>, true},
    simplification{"waits whole seconds", each_step, waits<1'000'000'000>, true},
    simplification{"waits whole tenths", each_step, waits<100'000'000>, true},
    simplification{"sent once", each_step, one_copy, true},
    simplification{"half as many copies", each_step, half_the_copies, true},
    simplification{"one copy less", each_step, one_copy_less, true},
    simplification{"number one", each_number, on_number<to_one>, true},
    simplification{"smaller number", each_number, on_number<to_half>, true},
    simplification{"number less one", each_number, on_number<one_less>, true},
    simplification{"usual stock", each_shelf, usual_stock, true},
    simplification{"less stock", each_shelf, half_the_stock, true},
    simplification{"usual price", each_shelf, usual_price, true},
};

}  // namespace

std::span<const simplification> simpler_scripts() { return script_simplifications; }

}  // namespace bv::sim
