#include "sim/hunt/campaign.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "protocols/schema/base/hash.hpp"
#include "sim/hunt/child.hpp"
#include "sim/hunt/run_folder.hpp"
#include "sim/plan/draw.hpp"

namespace bv::sim {
namespace {

namespace json = boost::json;

json::object to_json(const variant& one) {
  if (!one.crash) return {};
  return {{"number", one.crash->number}, {"moment", static_cast<int>(one.crash->moment)}, {"node", one.node}};
}

variant variant_from(const json::object& from) {
  if (from.empty()) return {};
  return {.crash = trigger::journal_write{.number = from.at("number").to_number<std::uint64_t>(),
                                          .moment = static_cast<trigger::write_moment>(from.at("moment").to_number<int>())},
          .node = from.at("node").to_number<std::uint16_t>()};
}

json::object to_json(const run_outcome& outcome) {
  json::array broken;
  for (const auto& one : outcome.violations) broken.push_back({one.invariant, one.what, one.at.ns});
  std::uint64_t writes = 0;
  for (const auto count : outcome.journal_writes) writes += count;
  return {{"violations", std::move(broken)}, {"hash", outcome.hash}, {"digest", outcome.digest}, {"turns", outcome.turns},
          {"events", outcome.events}, {"writes", writes}, {"accepted", outcome.commands_accepted},
          {"sagas", outcome.sagas_ended}, {"virtual_ns", outcome.virtual_time.count()}};
}

/// One line of what a child says: a run that begins, a run that is over, or why it can't be run.
void add_line(const json::object& line, seed_outcome& to, std::optional<error>& problem) {
  if (const auto* wrong = line.if_contains("error")) {
    const auto& texts = wrong->as_array();
    problem = error{error_kind::invalid, texts[0].as_string().c_str(), texts[1].as_string().c_str(), texts[2].as_string().c_str()};
    return;
  }
  if (const auto* begins = line.if_contains("begins")) {
    if (to.violations.empty()) to.failed_at = variant_from(begins->as_object());
    return;
  }
  const auto number = [&](const char* name) { return line.at(name).to_number<std::uint64_t>(); };
  to.turns += number("turns");
  to.events += number("events");
  to.journal_writes += number("writes");
  to.commands_accepted += number("accepted");
  to.sagas_ended += number("sagas");
  to.virtual_time += duration{line.at("virtual_ns").to_number<std::int64_t>()};
  const std::string hash(line.at("hash").as_string()), digest(line.at("digest").as_string());
  to.hash = ++to.runs == 1 ? hash : to_hex(hash128(to.hash + hash));
  to.digest = to.runs == 1 ? digest : to_hex(hash128(to.digest + digest));
  if (!to.violations.empty()) return;
  for (const auto& one : line.at("violations").as_array())
    to.violations.push_back({one.at(0).as_string().c_str(), one.at(1).as_string().c_str(), {one.at(2).to_number<std::int64_t>()}});
}

result<seed_outcome> outcome_of(std::uint64_t seed, const child_end& end) {
  seed_outcome sum{.seed = seed, .cpu_seconds = end.cpu_seconds, .memory_max_kb = end.memory_max_kb};
  std::optional<error> problem;
  std::string_view rest = end.said;
  for (auto at = rest.find('\n'); at != rest.npos; at = rest.find('\n')) {
    add_line(json::parse(json::string_view(rest.data(), at)).as_object(), sum, problem);
    rest.remove_prefix(at + 1);
  }
  if (problem) return failure(*std::move(problem));
  if (end.out_of_time)
    sum.violations = {{"ends", "the run used " + std::to_string(end.cpu_seconds) + " s of CPU without an end", {}}};
  else if (end.signal != 0)
    sum.violations = {{"crashes", "the run died (signal " + std::to_string(end.signal) + "): " + end.errors, {}}};
  return sum;
}

/// The first run without a crash says how many writes there are.
std::vector<variant> variants_after(const run_outcome& undisturbed, const std::vector<trigger::write_moment>& moments) {
  std::vector<variant> all;
  for (std::uint16_t node = 0; node < undisturbed.journal_writes.size(); ++node)
    for (std::uint64_t number = 1; number <= undisturbed.journal_writes[node]; ++number)
      for (const auto moment : moments) all.push_back({trigger::journal_write{number, moment}, node});
  return all;
}

class seed_runner {
 public:
  using sayer = std::function<void(std::string_view)>;
  /// `folder` is where runs on files make theirs.
  seed_runner(const campaign_options& options, const std::string& folder, const sayer& say)
      : options_(options), folder_(folder), say_(say) {
    if (options.prepare) options.prepare();
  }

  /// Nothing if the plan is wrong; that is then said.
  std::optional<run_outcome> go(plan what, const variant& one) {
    if (options_.tier) what.where.tier = *options_.tier;
    std::optional<run_folder> folder;
    if (what.where.tier == storage_tier::rocks) {
      if (!folder_.empty()) folder.emplace(folder_);
      if (!folder || folder->path().empty())
        return complain({error_kind::internal, "no_folder", "can't make a folder for a run's files", options_.folder});
    }
    say({{"begins", to_json(one)}});
    auto outcome = run(apply(std::move(what), one), {.tracing = {}, .folder = folder ? folder->path() : ""});
    if (!outcome) return complain(outcome.error());
    say(to_json(*outcome));
    return *std::move(outcome);
  }

 private:
  std::nullopt_t complain(const error& why) {
    say({{"error", json::array{why.code, why.message, why.context}}});
    return std::nullopt;
  }
  void say(const json::object& line) { say_(json::serialize(line) + "\n"); }

  const campaign_options& options_;
  const std::string& folder_;
  const sayer& say_;
};

}  // namespace

std::string to_text(const variant& one) {
  if (!one.crash) return "without a crash";
  static constexpr const char* moments[] = {"before", "torn", "after"};
  return "crash of n" + std::to_string(one.node + 1) + " at its journal write " + std::to_string(one.crash->number) + ", " +
         moments[static_cast<int>(one.crash->moment)];
}

plan apply(plan to, const variant& one) {
  if (one.crash) to.faults.push_back({.when = {.on_write = one.crash}, .node = one.node, .what = crash_fault{}});
  return to;
}

bool seed_outcome::breaks(const std::string& invariant) const {
  return std::ranges::any_of(violations, [&](const violation& one) { return one.invariant == invariant; });
}

bool is_surprise(const scenario& of, const seed_outcome& outcome) {
  return of.expected.violation.empty() ? !outcome.ok() : !outcome.breaks(of.expected.violation);
}

result<void> run_seeds(const scenario& what, const seed_range& seeds, const campaign_options& options,
                       const std::function<bool(const seed_outcome&)>& each) {
  // Ours, not the children's: what dies does not tidy up.
  const run_folder folder(options.folder);
  children working(options.at_once, options.cpu_seconds_max);
  std::optional<error> problem;
  bool stopped = false;
  std::map<std::uint64_t, seed_outcome> early;  // they wait for those of smaller seeds
  auto next = seeds.first;
  for (auto seed = seeds.first; seed <= seeds.last && !stopped && !problem; ++seed) {
    const auto work = [&, seed](const seed_runner::sayer& say) {
      seed_runner runner(options, folder.path(), say);
      const auto drawn = draw(what, seed);
      const auto first = runner.go(drawn, {});
      if (!first || !first->ok()) return;
      for (const auto& one : variants_after(*first, what.crash_at_every_write)) {
        const auto outcome = runner.go(drawn, one);
        if (!outcome || !outcome->ok()) return;
      }
    };
    BV_TRY(working.begin(work, [&, seed](const child_end& end) {
      auto outcome = outcome_of(seed, end);
      if (!outcome) return void(problem = std::move(outcome).error());
      early.emplace(seed, *std::move(outcome));
      for (auto at = early.find(next); at != early.end() && !stopped; at = early.find(++next)) {
        stopped = !each(at->second);
        early.erase(at);
      }
    }));
  }
  if (stopped || problem) return problem ? result<void>(failure(*std::move(problem))) : result<void>();
  working.finish();
  if (problem) return failure(*std::move(problem));
  return {};
}

result<seed_outcome> run_plan(const plan& what, const campaign_options& options) {
  const run_folder folder(options.folder);
  BV_ASSIGN(const auto end, in_child([&](const seed_runner::sayer& say) { seed_runner(options, folder.path(), say).go(what, {}); },
                                     options.cpu_seconds_max));
  return outcome_of(what.seed, end);
}

}  // namespace bv::sim
