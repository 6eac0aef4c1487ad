#include "sim/world/exact_derived.hpp"

#include <utility>

namespace bv::sim {
namespace {

using storage::shard_id;

class exact_derived final : public storage::derived_store {
 public:
  explicit exact_derived(std::unique_ptr<storage::derived_store> behind) : behind_(std::move(behind)) {}

  void apply(shard_id shard, storage::log_index through, std::vector<storage::entity_update> updates) override {
    behind_->apply(shard, through, std::move(updates));
  }
  result<std::optional<storage::entity_row>> find(shard_id shard, const entity_key& entity) override {
    return behind_->find(shard, entity);
  }
  bool certainly_absent(shard_id shard, const entity_key& entity) override {
    const auto found = behind_->find(shard, entity);
    return found && !found->has_value();
  }
  result<std::vector<storage::due_entity>> due(shard_id shard, const storage::due_entity& after, timestamp until,
                                               std::size_t count_max) override {
    return behind_->due(shard, after, until, count_max);
  }
  result<std::vector<entity_key>> list(shard_id shard, std::string_view tenant, std::string_view type,
                                       std::string_view after_id, std::size_t count_max) override {
    return behind_->list(shard, tenant, type, after_id, count_max);
  }
  storage::log_index through(shard_id shard) const override { return behind_->through(shard); }
  storage::log_index durable_through(shard_id shard) const override { return behind_->durable_through(shard); }
  result<void> flush() override { return behind_->flush(); }

 private:
  const std::unique_ptr<storage::derived_store> behind_;
};

}  // namespace

std::unique_ptr<storage::derived_store> make_exact_derived(std::unique_ptr<storage::derived_store> behind) {
  return std::make_unique<exact_derived>(std::move(behind));
}

}  // namespace bv::sim
