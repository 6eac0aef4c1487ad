#include "tools/chaos/chaos_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace bv::chaos {
namespace {

namespace json = boost::json;

double seconds(duration of) { return static_cast<double>(of.count()) / 1e9; }

/// Values of one kind of fault.
struct measured {
  std::size_t count = 0;
  std::vector<double> client_ms, shard_ms, worst_shard_ms;
};

measured measure(const chaos_report& of, fault_kind kind) {
  measured all;
  for (std::size_t i = 0; i < of.what_was_felt.size(); ++i) {
    if (of.faults[i].planned.kind != kind) continue;
    const auto& one = of.what_was_felt[i];
    ++all.count;
    all.client_ms.push_back(one.client_ms);
    if (!one.shards_ms.empty()) all.worst_shard_ms.push_back(one.worst_shard_ms());
    for (const auto& [_, ms] : one.shards_ms) all.shard_ms.push_back(ms);
  }
  return all;
}

std::string three(const std::vector<double>& of) {
  return fmt::format("p50 {:.0f} ms, p99 {:.0f} ms, longest {:.0f} ms", percentile(of, 50), percentile(of, 99), percentile(of, 100));
}

json::object three_as_json(const std::vector<double>& of) {
  return {{"p50_ms", percentile(of, 50)}, {"p99_ms", percentile(of, 99)}, {"max_ms", percentile(of, 100)}};
}

std::string answers_of(const chaos_report& of) {
  std::vector<std::pair<std::string, std::uint64_t>> all(of.seen.attempts.begin(), of.seen.attempts.end());
  std::ranges::stable_sort(all, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
  std::string text;
  for (const auto& [what, count] : all) text += fmt::format("  {:>9}  {}\n", count, what);
  return text;
}

/// How it came that a client waited so long; empty if it was not long.
std::string way_of(const chaos_report& of, const felt& one) {
  const auto found = of.seen.ways.find({one.client, one.since});
  return found == of.seen.ways.end() ? std::string() : one.client + "'s " + found->second;
}

}  // namespace

std::string line_of(const struck_fault& fault, timestamp began, const felt* of_it) {
  auto text = fmt::format("{:8.1f} s  {:<9} {}", seconds(fault.struck - began), name_of(fault.planned.kind), fault.victim);
  if (fault.planned.kind == fault_kind::one_way) text += fault.planned.inbound ? ", which hears nothing" : ", which nobody hears";
  if (!fault.led.empty()) text += fmt::format(", leader of {} shards", fault.led.size());
  text += fmt::format(", for {:.1f} s", seconds(fault.undone - fault.struck));
  if (fault.well != timestamp{}) text += fmt::format("; all serve {:.1f} s later", seconds(fault.well - fault.undone));
  if (of_it == nullptr) return text;
  text += fmt::format("; a client waited {:.0f} ms", of_it->client_ms);
  if (!of_it->shards_ms.empty()) text += fmt::format(", a shard of his was silent for {:.0f} ms", of_it->worst_shard_ms());
  return text;
}

std::string to_text(const chaos_report& of) {
  auto text = fmt::format("chaos: seed {}, {}\n\nfaults, by seconds since the load began:\n", of.seed, of.machinery);
  for (std::size_t i = 0; i < of.faults.size(); ++i) {
    const auto* const felt = i < of.what_was_felt.size() ? &of.what_was_felt[i] : nullptr;
    text += line_of(of.faults[i], of.began, felt) + "\n";
    if (const auto way = felt == nullptr ? std::string() : way_of(of, *felt); !way.empty()) text += "              " + way + "\n";
  }
  text += fmt::format("\n{} commands and {} views in {:.1f} s, of which {} were asked more than once; answers to attempts:\n{}", of.commands, of.views,
                      of.under_faults_s, of.repeated, answers_of(of));
  text += fmt::format("\nlatency, retries included: {}\n", three(of.seen.latencies_ms));
  for (std::size_t kind = 0; kind < fault_names.size(); ++kind) {
    const auto all = measure(of, static_cast<fault_kind>(kind));
    if (all.count == 0) continue;
    text += fmt::format("{}, {} times: longest that a client waited: {}\n", fault_names[kind], all.count, three(all.client_ms));
    if (static_cast<fault_kind>(kind) != fault_kind::kill) continue;
    text += fmt::format("  longest silence of each of {} shards that the victims led: {}\n", all.shard_ms.size(), three(all.shard_ms));
    text += fmt::format("  of the slowest such shard of each kill: {}\n", three(all.worst_shard_ms));
  }
  text += "\njudged:";
  for (const auto& one : of.invariants) text += " " + one;
  text += fmt::format("; {} records on each node's disk\n", of.records);
  for (const auto& one : of.violations) text += fmt::format("BROKEN {}: {}\n", one.invariant, one.what);
  if (of.interrupted) text += "It was interrupted: what had happened until then was judged.\n";
  if (!of.folder.empty()) text += "Logs and data: " + of.folder + "\n";
  text += "The same faults and clients again: " + of.replay + "\n";
  return text + (of.passed() ? "PASSED: nothing acknowledged was lost, nothing was applied twice, all nodes have the same.\n"
                             : fmt::format("FAILED: {} times\n", of.violations.size()));
}

std::string to_json(const chaos_report& of) {
  json::array faults;
  for (std::size_t i = 0; i < of.faults.size(); ++i) {
    const auto& one = of.faults[i];
    json::object made{{"at_s", seconds(one.struck - of.began)}, {"kind", name_of(one.planned.kind)}, {"node", one.victim},
                      {"led", json::array(one.led.begin(), one.led.end())}, {"lasted_s", seconds(one.undone - one.struck)}};
    made["well_after_s"] = one.well == timestamp{} ? json::value(nullptr) : json::value(seconds(one.well - one.undone));
    if (i < of.what_was_felt.size()) {
      made["client_silence_ms"] = of.what_was_felt[i].client_ms;
      made["client_way"] = way_of(of, of.what_was_felt[i]);
      json::object shards;
      for (const auto& [shard, ms] : of.what_was_felt[i].shards_ms) shards[std::to_string(shard)] = ms;
      made["shard_silence_ms"] = std::move(shards);
    }
    faults.push_back(std::move(made));
  }
  json::object answers, silences;
  for (const auto& [what, count] : of.seen.attempts) answers[what] = count;
  for (std::size_t kind = 0; kind < fault_names.size(); ++kind) {
    const auto all = measure(of, static_cast<fault_kind>(kind));
    if (all.count == 0) continue;
    json::object one{{"count", all.count}, {"client", three_as_json(all.client_ms)}};
    if (!all.shard_ms.empty()) one["shard"] = three_as_json(all.shard_ms);
    if (!all.worst_shard_ms.empty()) one["worst_shard"] = three_as_json(all.worst_shard_ms);
    silences[fault_names[kind]] = std::move(one);
  }
  json::array broken;
  for (const auto& one : of.violations) broken.push_back(json::object{{"invariant", one.invariant}, {"what", one.what}, {"at", to_rfc3339(one.at)}});
  return json::serialize(json::object{{"verdict", of.passed() ? "passed" : "failed"},
                                      {"seed", of.seed},
                                      {"machinery", of.machinery},
                                      {"replay", of.replay},
                                      {"folder", of.folder.empty() ? json::value(nullptr) : json::value(of.folder)},
                                      {"interrupted", of.interrupted},
                                      {"took_s", of.took_s},
                                      {"under_faults_s", of.under_faults_s},
                                      {"commands", of.commands},
                                      {"views", of.views},
                                      {"asked_more_than_once", of.repeated},
                                      {"answers", std::move(answers)},
                                      {"latency", three_as_json(of.seen.latencies_ms)},
                                      {"silences", std::move(silences)},
                                      {"records", of.records},
                                      {"invariants", json::array(of.invariants.begin(), of.invariants.end())},
                                      {"violations", std::move(broken)},
                                      {"faults", std::move(faults)}});
}

}  // namespace bv::chaos
