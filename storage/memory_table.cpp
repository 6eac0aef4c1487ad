#include "storage/memory_state.hpp"

namespace bv::storage {
namespace {

class memory_table final : public table {
 public:
  memory_table(std::shared_ptr<memory_state> state, std::string name, std::uint64_t number)
      : state_(std::move(state)), generation_(state_->generation), name_(std::move(name)), number_(number) {}

  result<void> write(std::vector<table_write> changes) override {
    const std::lock_guard lock(state_->mutex);
    BV_ASSIGN(auto* const shared, shared_rows());
    auto& rows = own(*shared);
    for (auto& [key, value] : changes) {
      if (value)
        rows.insert_or_assign(std::move(key), *std::move(value));
      else
        rows.erase(key);
    }
    return {};
  }

  result<std::optional<bytes>> get(bytes_view key) const override {
    const std::lock_guard lock(state_->mutex);
    BV_ASSIGN(const auto* const shared, shared_rows());
    const auto found = (*shared)->find(bytes(key));
    if (found == (*shared)->end()) return std::optional<bytes>{};
    return std::optional{found->second};
  }

  result<void> scan(bytes_view from, bytes_view until, bool reverse,
                    const std::function<bool(bytes_view, bytes_view)>& visit) const override {
    std::shared_ptr<memory_table_rows> rows;
    {
      const std::lock_guard lock(state_->mutex);
      BV_ASSIGN(const auto* const shared, shared_rows());
      rows = *shared;
    }
    if (!until.empty() && until <= from) return {};
    const auto first = rows->lower_bound(bytes(from));
    const auto last = until.empty() ? rows->end() : rows->lower_bound(bytes(until));
    if (reverse) {
      for (auto at = last; at != first;)
        if (--at; !visit(at->first, at->second)) break;
    } else {
      for (auto at = first; at != last && visit(at->first, at->second);) ++at;
    }
    return {};
  }

 private:
  result<std::shared_ptr<memory_table_rows>*> shared_rows() const {
    if (state_->generation != generation_) return store_closed();
    const auto found = state_->current.tables.find(name_);
    if (found == state_->current.tables.end() || found->second.first != number_) return table_dropped(name_);
    return &found->second.second;
  }

  std::shared_ptr<memory_state> state_;
  const std::uint64_t generation_;
  const std::string name_;
  const std::uint64_t number_;
};

class memory_tables final : public table_store {
 public:
  explicit memory_tables(std::shared_ptr<memory_state> state)
      : state_(std::move(state)), generation_(state_->generation) {}

  result<std::shared_ptr<table>> open(std::string_view name) override {
    BV_TRY(check_table_name(name));
    const std::lock_guard lock(state_->mutex);
    if (state_->generation != generation_) return store_closed();
    auto& [number, rows] = state_->current.tables[std::string(name)];
    if (!rows) {
      number = state_->next_table++;
      rows = std::make_shared<memory_table_rows>();
    }
    return std::make_shared<memory_table>(state_, std::string(name), number);
  }

  result<std::vector<std::string>> names() const override {
    const std::lock_guard lock(state_->mutex);
    if (state_->generation != generation_) return store_closed();
    std::vector<std::string> all;
    for (const auto& [name, rows] : state_->current.tables) all.push_back(name);
    return all;
  }

  result<void> drop(std::string_view name) override {
    BV_TRY(check_table_name(name));
    const std::lock_guard lock(state_->mutex);
    if (state_->generation != generation_) return store_closed();
    state_->current.tables.erase(std::string(name));
    return {};
  }

 private:
  std::shared_ptr<memory_state> state_;
  const std::uint64_t generation_;
};

}  // namespace

std::unique_ptr<table_store> make_memory_tables(std::shared_ptr<memory_state> state) {
  return std::make_unique<memory_tables>(std::move(state));
}

}  // namespace bv::storage
