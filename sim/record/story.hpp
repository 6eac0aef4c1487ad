#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/sagas/saga.hpp"
#include "sim/checkers/saga_fold.hpp"
#include "sim/record/source.hpp"

/// The story of one order, from the first thing that went into the cart to the last that is known of it: whichever of its
/// sagas is asked for, all that had to do with it belongs to the story, because none of them runs without the others.
namespace bv::sim {

template <class Event>
struct told {
  timestamp at;
  Event what;
};
template <class Event>
using tale = std::vector<told<Event>>;

struct saga_story {
  std::string id;
  tale<sagas::run::event> events;
  saga_facts end;  ///< what it is after them
};

/// What happened on one shelf while the story went on.
struct shelf_story {
  std::string sku;
  std::int64_t available = 0;    ///< when the story began, other people's reservations taken off
  std::int64_t price_minor = 0;  ///< when the order was made
  tale<commerce::inventory::event> events;
};

struct story {
  std::string saga;  ///< that was asked for
  std::string order, customer;
  timestamp begin, end;
  tale<commerce::cart::event> basket;  ///< since the cart was last empty, up to the checkout
  tale<commerce::order::event> order_events;
  tale<commerce::payment::event> payment_events;
  std::vector<saga_story> sagas;  ///< the checkout, then what took it back, in the order of their starts
  std::vector<shelf_story> shelves;
  commerce::order::state order_end;
  commerce::payment::state payment_end;

  [[nodiscard]] const saga_story& checkout() const { return sagas.front(); }
  /// Of all that happened, until when the last is.
  [[nodiscard]] duration length() const { return end - begin; }
  /// A saga of it still goes on.
  [[nodiscard]] bool unfinished() const;
};

/// Scenarios count in milliseconds.
inline duration rounded(duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time); }

/// Reads what belongs to a saga. Errors: `saga_unknown` (names such as are like it), `saga_not_recordable` (of a definition
/// that is none of the shop's, or one that no cart began), `record_unreadable`, and the source's.
result<story> read_story(event_source& from, const std::string& saga_id);

}  // namespace bv::sim
