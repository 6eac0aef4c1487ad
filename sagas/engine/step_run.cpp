#include "sagas/engine/step_run.hpp"

#include <algorithm>

#include "protocols/schema/base/assert.hpp"
#include "protocols/schema/base/mutation.hpp"

namespace bv::sagas {

bool is_refusal(error_kind kind) {
  switch (kind) {
    case error_kind::invalid:
    case error_kind::unauthenticated:
    case error_kind::forbidden:
    case error_kind::not_found:
    case error_kind::conflict:
    case error_kind::precondition_failed:
    case error_kind::too_large: return true;
    case error_kind::overloaded:
    case error_kind::unavailable:
    case error_kind::timeout:
    case error_kind::internal: return false;
  }
  return false;
}

step_run::step_run(std::vector<branch> branches, std::size_t at_once_max)
    : at_once_max_(std::max<std::size_t>(1, at_once_max)) {
  entries_.reserve(branches.size());
  for (auto& one : branches) entries_.push_back({std::move(one), stage::unasked, {}, {}});
}

const branch* step_run::next() {
  // What has failed is taken back as a whole: no reason to begin more of it.
  if (failed() || next_ == entries_.size() || under_way_ == at_once_max_) return nullptr;
  auto& chosen = entries_[next_++];
  chosen.at = stage::asked;
  ++under_way_;
  return &chosen.of;
}

step_run::entry& step_run::find(std::uint16_t branch_number) {
  const auto found =
      std::ranges::find(entries_, branch_number, [](const entry& one) { return one.of.number; });
  BV_ASSERT(found != entries_.end() && found->at == stage::asked, "an answer to what was not asked");
  return *found;
}

void step_run::waits(std::uint16_t branch_number) {
  find(branch_number).at = stage::waiting;
  --under_way_;
}

void step_run::answered(std::uint16_t branch_number, result<bytes> answer) {
  auto& one = find(branch_number);
  --under_way_;
  if (!answer && one.of.tolerated->contains(answer.error().code)) answer = bytes(answer.error().code);
  if (answer) {
    one.at = stage::done;
    one.answer = *std::move(answer);
    ++done_;
    return;
  }
  const auto kind = answer.error().kind;
  const bool unknown_is_refusal = mutated(mutation::unknown_outcome_is_refusal) && kind == error_kind::timeout;
  one.at = is_refusal(kind) || unknown_is_refusal ? stage::refused : stage::failed;
  (one.at == stage::refused ? first_refusal_ : first_failure_) = true;
  one.why = std::move(answer).error();
}

bool step_run::settled() const {
  return under_way_ == 0 && (failed() || done_ == entries_.size());
}

std::vector<std::string> step_run::results() const {
  std::vector<std::string> found;
  if (std::ranges::all_of(entries_, [](const entry& one) { return one.answer.empty(); })) return found;
  found.resize(entries_.back().of.number + 1u);
  for (const auto& one : entries_) found[one.of.number] = one.answer;
  return found;
}

std::map<std::uint16_t, bytes> step_run::done() const {
  std::map<std::uint16_t, bytes> found;
  for (const auto& one : entries_)
    if (one.at == stage::done) found.emplace(one.of.number, one.answer);
  return found;
}

run::broken step_run::broken(std::uint16_t step, const std::string& step_name) const {
  run::broken found{.step = step, .fault = {}, .final = first_refusal_, .refused = {}, .retry_after_ms = 0};
  const auto telling = first_refusal_ ? stage::refused : stage::failed;
  for (const auto& one : entries_) {
    if (one.at == stage::refused) found.refused.push_back(one.of.number);
    if (one.why)
      found.retry_after_ms =
          std::max(found.retry_after_ms, static_cast<std::uint32_t>(one.why->retry_after_ms));
    if (one.at == telling && found.fault.code.empty())
      found.fault = {std::string(to_string(one.why->kind)), one.why->code, one.why->message, step_name};
  }
  return found;
}

}  // namespace bv::sagas
