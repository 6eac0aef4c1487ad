// The process that crash_test.cpp kills: appends without end, applies what is committed as the runtime would,
// and says on its standard output what was acknowledged.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "storage/store.hpp"
#include "tests/storage/rocks/crash_batches.hpp"

namespace bv::storage {
namespace {

constexpr std::uint64_t in_flight_max = 16;

/// Keeps one shard's log growing, from the journal's writer thread but for start().
class grower final : public journal_listener {
 public:
  grower(store& into, table& rows, shard_id shard) : into_(into), rows_(rows), shard_(shard) {
    into.log->listen(shard, *this);
  }

  void start() {
    const std::lock_guard lock(mutex_);
    const auto bounds = into_.log->bounds(shard_);
    applied_ = next_ = bounds.last.value;
    offset_ = bounds.last_offset.value;
    fill(applied_);
  }
  void on_durable(shard_id, log_index through) override {
    const std::lock_guard lock(mutex_);
    const ack said{shard_.value, through.value};
    if (::write(STDOUT_FILENO, &said, sizeof said) != sizeof said) std::_Exit(3);
    std::vector<entity_update> updates;
    for (auto i = applied_ + 1; i <= through.value; ++i) updates.push_back(crash_update(i));
    into_.derived->apply(shard_, through, std::move(updates));
    applied_ = through.value;
    const auto text = std::to_string(applied_);
    const auto left = "left" + std::to_string(shard_.value), right = "right" + std::to_string(shard_.value);
    if (!rows_.write({{left, text}, {right, text}})) std::_Exit(4);
    fill(applied_);
  }
  void on_failed(shard_id, log_index, const error& why) override {
    std::fprintf(stderr, "%s\n", describe(why).c_str());
    std::_Exit(5);
  }

 private:
  void fill(std::uint64_t durable) {
    while (next_ < durable + in_flight_max) {
      ++next_;
      into_.log->append(shard_, log_index{next_}, crash_batch(next_, offset_ + 1));
      offset_ += crash_events(next_);
    }
  }

  store& into_;
  table& rows_;
  const shard_id shard_;
  std::mutex mutex_;
  std::uint64_t applied_ = 0, next_ = 0, offset_ = 0;
};

int run(const char* folder) {
  store_options options;
  options.folder = folder;
  options.shards = crash_shards;
  auto opened = open_rocks_store(options);
  if (!opened) {
    std::fprintf(stderr, "%s\n", describe(opened.error()).c_str());
    return 2;
  }
  const auto rows = *opened->tables->open("rows");
  std::vector<std::unique_ptr<grower>> growers;
  for (std::uint16_t i = 0; i < crash_shards; ++i)
    growers.push_back(std::make_unique<grower>(*opened, *rows, shard_id{i}));
  for (auto& each : growers) each->start();
  for (;;) ::pause();
}

}  // namespace
}  // namespace bv::storage

int main(int count, char** arguments) {
  return count == 2 ? bv::storage::run(arguments[1]) : 64;
}
