// Whole checkouts: each is a saga over two shelves, an order, a payment, the payment processor and the cart. One in ten
// is declined and undone.
#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "protocols/schema/commerce/cart.hpp"
#include "protocols/schema/commerce/inventory.hpp"
#include "protocols/schema/commerce/order.hpp"
#include "protocols/schema/commerce/payment.hpp"
#include "protocols/schema/sagas/saga.hpp"
#include "tools/bench/benches.hpp"
#include "tools/bench/closed_loop.hpp"
#include "tools/bench/log_tail.hpp"
#include "tools/bench/shop.hpp"

namespace bv::bench {
namespace {

namespace cart = commerce::cart;
namespace inventory = commerce::inventory;
namespace order = commerce::order;
namespace payment = commerce::payment;
using saga_event = sagas::run::contract::event_type;

constexpr std::uint32_t checkouts_in_flight = 256;
constexpr std::uint32_t skus = 1'000, units = 1'000'000;
constexpr std::uint32_t lines = 2;
/// Carts are filled before the clock starts; more than this a second is not expected.
constexpr double carts_per_second_max = 25'000;
constexpr double saga_seconds_max = 60;

std::string shopper(std::uint64_t number) { return "shopper-" + std::to_string(number); }
std::string order_id(std::uint64_t number) { return "order-" + std::to_string(number); }

template <class Event>
constexpr std::uint16_t ordinal_of() {
  return static_cast<std::uint16_t>(saga_event(Event{}).index());
}

struct tally {
  std::vector<float> latencies_ms;
  std::uint64_t begun = 0, completed = 0, undone = 0, refused = 0;
};

/// Keeps `checkouts_in_flight` of them going: the end of each, which the log tells, begins the next.
class checkouts {
 public:
  checkouts(runtime::gateway& entities, std::uint64_t carts, double seconds)
      : entities_(entities), began_at_(carts, 0), until_(wall_seconds() + seconds) {}

  void begin() {
    for (std::uint32_t i = 0; i < checkouts_in_flight; ++i) next();
  }

  /// The saga of a checkout has ended.
  void ended(const runtime::logged_event& event) {
    const auto id = event.entity.id();
    const auto number = std::stoull(std::string(id.substr(id.rfind('-') + 1)));
    {
      const std::lock_guard lock(mutex_);
      seen_.latencies_ms.push_back(static_cast<float>((wall_seconds() - began_at_[number]) * 1e3));
      ++(event.ordinal == ordinal_of<sagas::run::completed>() ? seen_.completed : seen_.undone);
      --under_way_;
    }
    next();
  }

  bool wait(double seconds_max) {
    return over_.get_future().wait_for(std::chrono::duration<double>(seconds_max)) == std::future_status::ready;
  }

  /// Once it is over.
  tally& seen() { return seen_; }

 private:
  void next() {
    std::uint64_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto now = wall_seconds();
      if (seen_.begun == began_at_.size() || now >= until_) {
        if (under_way_ == 0 && !std::exchange(told_, true)) over_.set_value();
        return;
      }
      number = seen_.begun++;
      began_at_[number] = now;
      ++under_way_;
    }
    entities_.ask(request<cart::contract>("cart", shopper(number), cart::checkout{order_id(number)}),
                  [this](const result<runtime::receipt>& answer) {
                    if (answer) return;
                    {
                      const std::lock_guard lock(mutex_);
                      ++seen_.refused;
                      --under_way_;
                    }
                    next();
                  });
  }

  runtime::gateway& entities_;
  std::mutex mutex_;
  tally seen_;
  std::vector<double> began_at_;
  const double until_;
  std::uint64_t under_way_ = 0;
  bool told_ = false;
  std::promise<void> over_;
};

tl::unexpected<error> check_failed(std::string what) {
  return failure(error_kind::internal, "check_failed", std::move(what));
}

/// Every order is paid or came to nothing, with its payment; the shelves hold what the paid orders left.
result<void> audit(shop& in, const tally& ran) {
  std::map<std::string, std::int64_t> sold;
  std::uint64_t paid = 0;
  for (std::uint64_t i = 0; i < ran.begun; ++i) {
    BV_ASSIGN(const auto bought, in.look<order::contract>("order", order_id(i)));
    BV_ASSIGN(const auto money, in.look<payment::contract>("payment", order_id(i)));
    const bool kept = bought.status == order::status::paid;
    if (!kept && bought.status != order::status::cancelled) return check_failed(order_id(i) + " is neither paid nor cancelled");
    if (kept != (money.status == payment::status::captured)) return check_failed(order_id(i) + " and its payment disagree");
    if (kept && money.amount != bought.total) return check_failed(order_id(i) + " was paid another amount");
    if (!kept) continue;
    ++paid;
    for (const auto& line : bought.lines) sold[line.sku] += line.quantity;
  }
  if (paid != ran.completed) return check_failed("the log and the orders count another number of sales");
  for (std::uint32_t i = 0; i < skus; ++i) {
    BV_ASSIGN(const auto shelf, in.look<inventory::contract>("inventory", shop::sku(i)));
    if (shelf.reserved != 0 || shelf.sold != sold[shop::sku(i)] || shelf.available + shelf.sold != units)
      return check_failed("the shelf of " + shop::sku(i) + " does not add up");
  }
  return {};
}

}  // namespace

result<bench_result> run_checkout(const bench_options& options) {
  bench_options reference = options;
  reference.folder += "/commands";
  BV_ASSIGN(const auto commands, run_commands(reference));
  bench_result said{.name = "checkout", .unit = "checkouts/s", .reference = "commands", .reference_value = commands.value,
                    .durability = "fsync", .seed = options.seed};

  auto config = quiet_config(options.folder + "/node");
  config.payments.seed = options.seed;
  BV_ASSIGN(const auto shop, shop::open(config));
  BV_TRY(shop->stock(skus, units));
  const auto carts = static_cast<std::uint64_t>(carts_per_second_max * options.seconds);
  BV_TRY(send_all(shop->entities(), filling_in_flight, carts * lines, [&](std::uint64_t i) {
    const auto sku = (i / lines * 7 + i % lines * 13) % skus;
    return request<cart::contract>("cart", shopper(i / lines), cart::add_item{.sku = shop::sku(sku), .quantity = 1});
  }));

  checkouts run(shop->entities(), carts, options.seconds);
  const auto cpu_before = cpu_seconds();
  const auto began = wall_seconds();
  {
    const log_tail ends(shop->node().events(),
                        {{"saga", {ordinal_of<sagas::run::completed>(), ordinal_of<sagas::run::compensated>(),
                                   ordinal_of<sagas::run::parked>()}}},
                        [&](const runtime::logged_event& event) { run.ended(event); });
    run.begin();
    if (!run.wait(options.seconds + saga_seconds_max)) return check_failed("not every saga has come to an end");
  }
  const auto seconds = wall_seconds() - began;
  auto& seen = run.seen();
  const auto done = static_cast<double>(seen.completed + seen.undone);
  said.value = done / seconds;
  said.ratio = said.value / *said.reference_value;
  said.cpu_us_per_op = (cpu_seconds() - cpu_before) * 1e6 / done;
  said.p50_ms = quantile(seen.latencies_ms, 0.5);
  said.p99_ms = quantile(seen.latencies_ms, 0.99);
  said.in_flight = checkouts_in_flight;
  if (seen.refused > 0) return check_failed(std::to_string(seen.refused) + " checkouts were refused");
  BV_TRY(audit(*shop, seen));
  said.checks = {std::to_string(seen.completed) + " sagas completed, " + std::to_string(seen.undone) + " were undone, none is left",
                 "every order is paid by its payment or cancelled", "available + sold is what was received, nothing is reserved"};
  return said;
}

}  // namespace bv::bench
