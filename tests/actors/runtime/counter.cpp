#include "tests/actors/runtime/counter_type.hpp"

namespace bv::test::counter {

result<std::vector<event>> decide(const state& now, const command& asked, const runtime::context& about) {
  if (const auto* wish = std::get_if<add>(&asked)) {
    if (now.sum + wish->amount < 0)
      return failure(error_kind::conflict, "below_zero", "the sum would become negative");
    return std::vector<event>{added{wish->amount}};
  }
  if (const auto* wish = std::get_if<remind_at>(&asked)) return std::vector<event>{reminder_set{wish->at}};
  if (std::holds_alternative<remind>(asked) && now.remind_at != timestamp{} && now.remind_at <= about.now)
    return std::vector<event>{reminded{}};
  return std::vector<event>{};
}

void evolve(state& now, const event& happened) {
  if (const auto* fact = std::get_if<added>(&happened)) {
    now.sum += fact->amount;
  } else if (const auto* fact = std::get_if<reminder_set>(&happened)) {
    now.remind_at = fact->at;
  } else {
    now.remind_at = {};
    ++now.reminders;
  }
}

std::optional<runtime::wake_up_at<command>> wake_up(const state& now) {
  if (now.remind_at == timestamp{}) return std::nullopt;
  return runtime::wake_up_at<command>{now.remind_at, remind{}};
}

}  // namespace bv::test::counter

std::shared_ptr<const bv::runtime::aggregate_type> bv::test::make_counter() {
  return std::make_shared<runtime::typed_aggregate<counter::contract>>();
}
