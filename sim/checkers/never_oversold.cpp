// Every unit that was ever on a shelf is available, reserved or sold. Counted here from the events alone, and with other
// books than the aggregate's: what was stocked, which reservations are open, what is sold.

#include <map>

#include "protocols/schema/commerce/inventory.hpp"
#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

namespace stock = commerce::inventory;

struct hold {
  std::uint32_t quantity = 0;
  timestamp expires_at;
};

struct shelf {
  std::int64_t stocked = 0, reserved = 0, sold = 0;
  std::map<std::string, hold> open;

  [[nodiscard]] std::int64_t available() const { return stocked - reserved - sold; }
};

/// What is wrong with an event, seen from the shelf that it comes to; then it happens. Empty: nothing.
class clerk {
 public:
  explicit clerk(shelf& at) : at_(at) {}

  std::string operator()(const stock::initialised& fact) { return restocked_by(fact.quantity); }
  std::string operator()(const stock::received& fact) { return restocked_by(fact.quantity); }
  std::string operator()(const stock::adjusted& fact) { return restocked_by(fact.delta); }
  std::string operator()(const stock::reserved& fact) {
    const bool fresh = at_.open.emplace(fact.reservation_id, hold{fact.quantity, fact.expires_at}).second;
    if (!fresh) return "reservation " + fact.reservation_id + " is counted twice";
    at_.reserved += fact.quantity;
    return {};
  }
  std::string operator()(const stock::released& fact) { return close(fact.reservation_id, fact.quantity); }
  std::string operator()(const stock::reservation_expired& fact) { return close(fact.reservation_id, fact.quantity); }
  std::string operator()(const stock::committed& fact) {
    const auto held = at_.open.find(fact.reservation_id);
    const bool late = held != at_.open.end() && fact.at >= held->second.expires_at;
    const auto expires_at = late ? held->second.expires_at : timestamp{};
    auto wrong = close(fact.reservation_id, fact.quantity);
    at_.sold += fact.quantity;
    if (late)
      return "reservation " + fact.reservation_id + " is sold at " + to_rfc3339(fact.at) + ", it was held until " +
             to_rfc3339(expires_at);
    return wrong;
  }
  std::string operator()(const stock::restocked& fact) {
    at_.sold -= fact.quantity;
    if (at_.sold >= 0) return {};
    return std::to_string(fact.quantity) + " units come back for " + fact.return_id + ", only " +
           std::to_string(at_.sold + fact.quantity) + " were sold";
  }
  std::string operator()(const stock::reorder_needed& fact) {
    if (fact.available == at_.available()) return {};
    return "the alert says that " + std::to_string(fact.available) + " units are available, there are " +
           std::to_string(at_.available());
  }
  std::string operator()(const stock::retired&) { return {}; }

 private:
  std::string restocked_by(std::int64_t units) {
    at_.stocked += units;
    return {};
  }
  std::string close(const std::string& id, std::uint32_t quantity) {
    const auto held = at_.open.find(id);
    if (held == at_.open.end()) return "reservation " + id + " is closed, and was not open";
    const auto was = held->second.quantity;
    at_.reserved -= was;
    at_.open.erase(held);
    if (was == quantity) return {};
    return "reservation " + id + " is closed with " + std::to_string(quantity) + " units, it held " + std::to_string(was);
  }

  shelf& at_;
};

class never_oversold_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "never_oversold";

  never_oversold_checker() : judge(invariant_name) {}

  void on_record(const observed_record& record, std::vector<violation>& found) override {
    if (record.entity.type() != "inventory" || record.events.empty()) return;
    auto& at = shelves_[entity_of(record)];
    const bool readable = for_each_event<stock::contract>(record, [&](const stock::event& event) {
      if (const auto wrong = std::visit(clerk(at), event); !wrong.empty())
        report(found, record.committed_at, place_of(record) + ": " + wrong);
    });
    if (!readable) report(found, record.committed_at, place_of(record) + ": an event can't be read");
    if (at.available() < 0)
      report(found, record.committed_at,
             place_of(record) + ": " + std::to_string(at.reserved) + " reserved and " + std::to_string(at.sold) +
                 " sold are more than the " + std::to_string(at.stocked) + " ever stocked");
  }

 private:
  std::map<node_entity, shelf> shelves_;
};

}  // namespace

invariant never_oversold() {
  return {{never_oversold_checker::invariant_name,
           "Of no SKU more units are reserved and sold than were ever stocked, and no reservation counts twice."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<never_oversold_checker>(); }};
}

}  // namespace bv::sim
