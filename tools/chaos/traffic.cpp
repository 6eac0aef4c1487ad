#include "tools/chaos/traffic.hpp"

#include <algorithm>
#include <set>

namespace bv::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds between_looks{10}, stocked_within{20'000};

goods some_goods() {
  goods made;
  for (int i = 1; i <= 8; ++i) made.skus.push_back("CHAOS-" + std::to_string(i));
  return made;
}

std::string description_of(const std::string& sku, std::uint32_t stock) {
  return R"({"sku":")" + sku + R"(","name":"Goods )" + sku + R"(","category":"chaos","price":{"minor":1250,"currency":"USD"},"initialStock":)" +
         std::to_string(stock) + "}";
}

}  // namespace

traffic::traffic(traffic_options options) : options_(std::move(options)), goods_(some_goods()) {
  const askers_world around{language_, options_.nodes, run_, answered_};
  for (std::size_t i = 0; i < options_.customers; ++i) {
    if (i % 2 == 0) done_with_carts_.push_back(std::make_unique<std::atomic<std::uint64_t>>(0));
    customers_.push_back(std::make_unique<customer>(around, goods_, options_.seed, i, *done_with_carts_.back()));
  }
}

traffic::~traffic() {
  run_.turn(going::phase::over);
  for (auto& one : threads_)
    if (one.joinable()) one.join();
}

result<void> traffic::stock() {
  const askers_world around{language_, options_.nodes, run_, answered_};
  auto& keeper = *staff_.emplace_back(std::make_unique<asker>(around, options_.seed));
  const auto deadline = steady_clock::now() + stocked_within;
  for (const auto& sku : goods_.skus) {
    const auto& made = keeper.ask(language_.command("stockist", "stockist", "product/" + sku, "create", description_of(sku, goods_.stock), "create-" + sku));
    if (!std::holds_alternative<sim::operation::accepted>(made.outcome))
      return failure(error_kind::internal, "not_stocked", "product " + sku + " was not accepted", sku);
    // A reaction puts it on its shelf.
    while (true) {
      const auto* const seen = std::get_if<sim::operation::seen>(&keeper.ask(language_.view("stockist", "stockist", "inventory/" + sku)).outcome);
      if (seen != nullptr && seen->version > 0) break;
      if (steady_clock::now() > deadline) return failure(error_kind::timeout, "not_stocked", "product " + sku + " did not get onto its shelf", sku);
      run_.pause(between_looks);
    }
  }
  return {};
}

void traffic::start() {
  busy_ = customers_.size();
  for (const auto& one : customers_)
    threads_.emplace_back([this, who = one.get()] {
      who->shop();
      --busy_;
    });
}

void traffic::finish(milliseconds within) {
  run_.turn(going::phase::finishing);
  const auto deadline = steady_clock::now() + within;
  while (busy_ > 0 && steady_clock::now() < deadline) run_.pause(between_looks);
  run_.turn(going::phase::over);
  for (auto& one : threads_) one.join();
  threads_.clear();
}

result<void> traffic::look_at_all(milliseconds within) {
  std::set<entity_key> touched;
  for (const auto& one : customers_)
    for (const auto& asked : one->asking().history()) touched.insert(asked.entity);
  const askers_world around{language_, options_.nodes, looking_, answered_};
  std::vector<std::thread> threads;
  std::atomic<std::size_t> busy{options_.nodes.size()};
  for (std::size_t node = 0; node < options_.nodes.size(); ++node) {
    auto& auditor = *staff_.emplace_back(std::make_unique<asker>(around, options_.seed));
    threads.emplace_back([&, node] {
      const auto name = "auditor-" + std::to_string(node + 1);
      for (const auto& one : touched) auditor.ask_at(node, language_.view(name, name, std::string(one.type_and_id())));
      --busy;
    });
  }
  const auto deadline = steady_clock::now() + within;
  while (busy > 0 && steady_clock::now() < deadline) looking_.pause(between_looks);
  looking_.turn(going::phase::over);
  for (auto& one : threads) one.join();
  for (const auto& one : staff_)
    for (const auto& asked : one->history())
      if (std::holds_alternative<sim::operation::unknown>(asked.outcome))
        return failure(error_kind::timeout, "not_answered", asked.client + " was not told what " + asked.entity.text() + " is", asked.entity.text());
  return {};
}

std::vector<sim::operation> traffic::take_history() {
  std::vector<sim::operation> all;
  const auto add = [&](asker& of) {
    for (auto& one : of.take_history()) all.push_back(std::move(one));
  };
  for (const auto& one : customers_) add(one->asking());
  for (const auto& one : staff_) add(*one);
  std::ranges::stable_sort(all, {}, &sim::operation::invoked);
  return all;
}

tally traffic::seen() const {
  tally all;
  for (const auto& one : customers_) all.add(one->asking().seen());
  return all;
}

}  // namespace bv::chaos
