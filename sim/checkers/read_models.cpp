// A read model that was kept up to date through crashes, small pages and restarts is the same as one that is computed from
// the first event in one go: no event was passed over, none counted twice, and no row depends on when its shard was read.

#include "sim/checkers/invariant.hpp"
#include "sim/checkers/read_events.hpp"

namespace bv::sim {
namespace {

/// Keys and values may be any bytes; people read the letters.
std::string printable(bytes_view from) {
  constexpr std::size_t shown_max = 80;
  std::string text;
  for (const char one : from.substr(0, shown_max)) text += one >= ' ' && one <= '~' ? one : '.';
  return from.size() > shown_max ? text + "..." : text;
}

class read_models_checker final : public judge {
 public:
  static constexpr std::string_view invariant_name = "read_models_follow";

  read_models_checker() : judge(invariant_name) {}

  void at_end(const observations& all, std::vector<violation>& found) override {
    for (const auto& model : all.read_models) {
      const auto say = [&](bytes_view key, const std::string& wrong) {
        report(found, all.now, node_name(model.node) + " " + model.name + ": row " + printable(key) + " " + wrong);
      };
      for (const auto& [key, value] : model.anew) {
        const auto kept = model.kept.find(key);
        if (kept == model.kept.end()) say(key, "is missing");
        else if (kept->second != value) say(key, "is not what its events give");
      }
      for (const auto& [key, _] : model.kept)
        if (!model.anew.contains(key)) say(key, "should not be there");
    }
  }
};

}  // namespace

invariant read_models_follow() {
  return {{read_models_checker::invariant_name,
           "A read model as it was kept up to date is what it is when it is computed anew from the first event."},
          [](const plan&) -> std::unique_ptr<checker> { return std::make_unique<read_models_checker>(); }};
}

}  // namespace bv::sim
