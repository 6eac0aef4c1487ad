#include "sim/hunt/ddmin.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace bv::sim {
namespace {

class search {
 public:
  search(std::size_t n, const std::function<bool(const subset&)>& fails, std::uint64_t trials_max)
      : fails_(fails), trials_max_(trials_max), kept_(n) {
    std::iota(kept_.begin(), kept_.end(), std::size_t{0});
  }

  ddmin_result run() {
    if (!kept_.empty() && still_fails({})) kept_.clear();
    while (kept_.size() > 1 && !out_of_trials_) {
      if (only_one_part() || without_one_part()) continue;
      if (parts_ >= kept_.size()) break;
      parts_ = std::min(parts_ * 2, kept_.size());
      next_ = 0;
    }
    return {kept_, trials_, !out_of_trials_};
  }

 private:
  bool only_one_part() {
    for (std::size_t i = 0; i < parts_; ++i) {
      const subset part(border(i), border(i + 1));
      if (!still_fails(part)) continue;
      kept_ = part;
      parts_ = 2;
      next_ = 0;
      return true;
    }
    return false;
  }

  bool without_one_part() {
    for (std::size_t i = 0; i < parts_; ++i) {
      const auto out = (next_ + i) % parts_;
      subset rest(kept_.cbegin(), border(out));
      rest.insert(rest.end(), border(out + 1), kept_.cend());
      if (!still_fails(rest)) continue;
      kept_ = rest;
      parts_ = std::max(parts_ - 1, std::size_t{2});
      next_ = out % parts_;
      return true;
    }
    return false;
  }

  /// Where the ith part begins; the parts differ in size by at most one.
  [[nodiscard]] subset::const_iterator border(std::size_t i) const {
    return kept_.cbegin() + static_cast<std::ptrdiff_t>(kept_.size() * i / parts_);
  }

  bool still_fails(const subset& candidate) {
    if (out_of_trials_ || passed_.contains(candidate)) return false;
    if (trials_ == trials_max_) {
      out_of_trials_ = true;
      return false;
    }
    ++trials_;
    if (fails_(candidate)) return true;
    passed_.insert(candidate);
    return false;
  }

  const std::function<bool(const subset&)>& fails_;
  const std::uint64_t trials_max_;
  subset kept_;
  std::size_t parts_ = 2;
  std::size_t next_ = 0;  ///< the part to be left out first
  std::set<subset> passed_;
  std::uint64_t trials_ = 0;
  bool out_of_trials_ = false;
};

}  // namespace

ddmin_result ddmin(std::size_t n, const std::function<bool(const subset&)>& fails, std::uint64_t trials_max) {
  return search(n, fails, trials_max).run();
}

}  // namespace bv::sim
