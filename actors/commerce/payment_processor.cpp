#include "actors/commerce/payment_processor.hpp"

#include "protocols/schema/base/hash.hpp"

namespace bv::commerce {
namespace {

struct temper {
  processor_behaviour behaviour = processor_behaviour::approve;
  bool slow = false;
};

/// An independent throw of a hundred-sided die for each question.
bool falls_under(std::uint32_t percent, std::string_view question, std::string_view order_id,
                 const processor_options& options) {
  std::string seeded = std::to_string(options.seed);
  seeded.append("/").append(question).append("/").append(order_id);
  return hash64(seeded) % 100 < percent;
}

temper by_chance(std::string_view order_id, const processor_options& options) {
  temper made;
  if (falls_under(options.hang_percent, "hang", order_id, options))
    made.behaviour = processor_behaviour::hang;
  else if (falls_under(options.fail_percent, "fail", order_id, options))
    made.behaviour = processor_behaviour::fail;
  else if (!falls_under(options.approve_percent, "approve", order_id, options))
    made.behaviour = processor_behaviour::decline;
  made.slow = falls_under(options.slow_percent, "slow", order_id, options);
  return made;
}

void let_cents_decide(temper& made, const money& amount) {
  switch (amount.minor % 100) {
    case 91: made.behaviour = processor_behaviour::decline; break;
    case 92: made = {processor_behaviour::approve, true}; break;
    case 93: made.behaviour = processor_behaviour::fail; break;
    case 94: made.behaviour = processor_behaviour::hang; break;
    case 95: made = {processor_behaviour::approve, false}; break;
    default: break;
  }
}

void let_id_decide(temper& made, std::string_view order_id) {
  const auto marked = [&](std::string_view marker) {
    return order_id.find(marker) != std::string_view::npos;
  };
  if (marked("~approve")) made.behaviour = processor_behaviour::approve;
  if (marked("~decline")) made.behaviour = processor_behaviour::decline;
  if (marked("~fail")) made.behaviour = processor_behaviour::fail;
  if (marked("~hang")) made.behaviour = processor_behaviour::hang;
  if (marked("~slow")) made.slow = true;
}

}  // namespace

std::string_view to_string(processor_behaviour behaviour) {
  switch (behaviour) {
    case processor_behaviour::approve: return "approve";
    case processor_behaviour::decline: return "decline";
    case processor_behaviour::fail: return "fail";
    case processor_behaviour::hang: return "hang";
  }
  return "unknown";
}

processor_answer decide_authorization(std::string_view order_id, const money& amount, std::uint32_t attempt,
                                      const processor_options& options) {
  auto chosen = by_chance(order_id, options);
  if (options.cents_decide) let_cents_decide(chosen, amount);
  let_id_decide(chosen, order_id);

  // What fails does so for a while, and is then approved: a transient fault is no refusal.
  if (chosen.behaviour == processor_behaviour::fail && attempt > options.failures_before_answer)
    chosen.behaviour = processor_behaviour::approve;

  processor_answer answer{
      chosen.behaviour, {}, {}, chosen.slow ? options.slow_answer_after : options.answer_after};
  switch (chosen.behaviour) {
    case processor_behaviour::approve: {
      std::string seeded = std::to_string(options.seed);
      seeded.append("/code/").append(order_id);
      answer.authorization_code = "A-" + to_hex(hash128(seeded)).substr(0, 12);
      break;
    }
    case processor_behaviour::decline: answer.reason = "payment_declined"; break;
    case processor_behaviour::fail: answer.reason = "processor_unreachable"; break;
    case processor_behaviour::hang: break;
  }
  return answer;
}

}  // namespace bv::commerce
