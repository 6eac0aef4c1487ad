#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocols/schema/base/result.hpp"
#include "sagas/engine/definition.hpp"

namespace bv::sagas {

/// True if a failure with this kind settles a call: nothing happened, and asking again can't help. Of the
/// other kinds it is not known, or another time may be better.
bool is_refusal(error_kind kind);

/// One go at the calls of a step: which are to be asked, and what came of them. Keeps at most a given number
/// under way.
class step_run {
 public:
  step_run(std::vector<branch> branches, std::size_t at_once_max);

  /// The next call to make, or null if there is none or enough are under way. Must then be answered or left
  /// waiting.
  const branch* next();
  /// The call is accepted and its outcome comes with the saga's state.
  void waits(std::uint16_t branch_number);
  void answered(std::uint16_t branch_number, result<bytes> answer);

  /// Nothing is under way, and the outcome is known: all done, or one failed.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool failed() const { return first_refusal_ || first_failure_; }

  /// Answers by branch number; empty if all are. After success.
  [[nodiscard]] std::vector<std::string> results() const;
  /// Answers of the calls that are done, by branch number.
  [[nodiscard]] std::map<std::uint16_t, bytes> done() const;
  /// What went wrong, with the fault of the lowest branch. After failure.
  [[nodiscard]] run::broken broken(std::uint16_t step, const std::string& step_name) const;

 private:
  enum class stage : std::uint8_t { unasked, asked, waiting, done, refused, failed };
  struct entry {
    branch of;
    stage at = stage::unasked;
    bytes answer;
    std::optional<error> why;
  };
  entry& find(std::uint16_t branch_number);

  std::vector<entry> entries_;
  std::size_t at_once_max_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t done_ = 0;
  bool first_refusal_ = false, first_failure_ = false;
};

}  // namespace bv::sagas
