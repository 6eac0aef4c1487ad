#include "tools/chaos/node_logs.hpp"

#include <doctest/doctest.h>

#include "protocols/schema/commerce/cart.hpp"
#include "storage/batch.hpp"
#include "storage/store.hpp"
#include "tests/storage/batches.hpp"
#include "tests/storage/worlds.hpp"

using namespace bv;
using namespace bv::chaos;
using storage::event_offset;
using storage::log_index;
using storage::shard_id;

namespace {

/// A batch with a record for each moment at which one was decided.
bytes added(std::uint64_t index, std::uint64_t offset, const std::string& sku, const std::vector<std::int64_t>& decided = {1'000}) {
  const auto payload = commerce::cart::contract::encode(commerce::cart::event{commerce::cart::item_removed{sku, {}}});
  const auto ordinal = static_cast<std::uint16_t>(commerce::cart::event{commerce::cart::item_removed{}}.index());
  storage::batch_builder batch{log_index{index}, event_offset{offset}};
  for (const auto at : decided) {
    storage::record_view record;
    record.entity = "default/cart/ann";
    record.version = offset++;
    record.at = {at};
    record.event_count = 1;
    const storage::event_view event{ordinal, payload};
    batch.add(record, {&event, 1});
  }
  return std::move(batch).finish(storage::term_number{1}, timestamp{2'000});
}

bytes barrier(std::uint64_t index, std::uint64_t offset, std::uint64_t term) {
  return storage::seal_control_batch(log_index{index}, event_offset{offset}, storage::term_number{term}, {1, {}});
}

/// A node's folder with one shard, which has these batches.
std::string disk(const storage::scratch_folder& in, const std::string& name, const std::vector<bytes>& batches,
                 const std::string& stock = "2") {
  const auto folder = in.path + "/" + name;
  auto made = storage::open_rocks_store({.folder = folder, .shards = 1, .catches_up = false, .on_commit = {}, .on_note = {}}).value();
  storage::recording_listener heard;
  made.log->listen(shard_id{0}, heard);
  for (std::size_t i = 0; i < batches.size(); ++i) made.log->append(shard_id{0}, log_index{i + 1}, batches[i]);
  if (!batches.empty()) CHECK(heard.wait_for(shard_id{0}, log_index{batches.size()}));
  CHECK(made.tables->open("stock_view").value()->write({{"MUG", bytes(stock)}, {bytes("\0own", 4), bytes(name)}}));
  CHECK(made.close());
  return folder;
}

struct seen {
  node_logs logs;
  std::string disagreements;
};
seen read(const std::vector<std::string>& folders, bool level = true) {
  seen made;
  made.logs = read_node_logs(folders, 1, level, [&](std::string_view invariant, const std::string& what) {
                made.disagreements += std::string(invariant) + ": " + what + "\n";
              }).value();
  return made;
}

}  // namespace

TEST_CASE("chaos logs: nodes that have the same, but for a last entry of their own without records") {
  storage::scratch_folder in;
  const auto all = read({disk(in, "a", {barrier(1, 1, 1), added(2, 1, "MUG"), barrier(3, 2, 2)}),
                         disk(in, "b", {barrier(1, 1, 1), added(2, 1, "MUG"), barrier(3, 2, 3)}), disk(in, "c", {barrier(1, 1, 1), added(2, 1, "MUG")})});
  CHECK(all.disagreements == "");
  REQUIRE(all.logs.records.size() == 1);
  CHECK(all.logs.records[0].entity.text() == "default/cart/ann");
  CHECK(all.logs.records[0].committed_at == timestamp{1'000});
  CHECK(all.logs.records[0].events[0].name == "itemRemoved");
}

TEST_CASE("chaos logs: a batch is committed as one, when the last of it was decided at the earliest") {
  storage::scratch_folder in;
  const auto all = read({disk(in, "a", {added(1, 1, "MUG", {1'000, 1'700}), added(2, 3, "BAG", {2'000})})});
  REQUIRE(all.logs.records.size() == 3);
  CHECK(all.logs.records[0].decided_at == timestamp{1'000});
  CHECK(all.logs.records[0].committed_at == timestamp{1'700});
  CHECK(all.logs.records[1].committed_at == timestamp{1'700});
  CHECK(all.logs.records[2].committed_at == timestamp{2'000});
}

TEST_CASE("chaos logs: a batch that is another one, or is missing on either side") {
  storage::scratch_folder in;
  const auto a = disk(in, "a", {added(1, 1, "MUG"), added(2, 2, "BAG")});
  CHECK(read({a, disk(in, "b", {added(1, 1, "MUG"), added(2, 2, "PEN")})}).disagreements == "replicas_agree: n2 shard 0 batch 2 is another one than n1's\n");
  CHECK(read({a, disk(in, "c", {added(1, 1, "MUG")})}).disagreements == "replicas_agree: n2 shard 0 batch 2 is not on its disk, and is on n1's\n");
  CHECK(read({disk(in, "d", {added(1, 1, "MUG")}), a}).disagreements == "replicas_agree: n2 shard 0 batch 2 is not on n1's disk\n");
}

TEST_CASE("chaos logs: nodes that are not level may lack something, but have nothing else") {
  storage::scratch_folder in;
  const auto a = disk(in, "a", {added(1, 1, "MUG"), added(2, 2, "BAG")}, "2");
  const auto behind = read({a, disk(in, "b", {added(1, 1, "MUG")}, "1")}, false);
  CHECK(behind.disagreements == "");
  CHECK(behind.logs.read_models.empty());
  CHECK(read({a, disk(in, "c", {added(1, 1, "PEN")})}, false).disagreements == "replicas_agree: n2 shard 0 batch 1 is another one than n1's\n");
}

TEST_CASE("chaos logs: an entry without records in the place of one with some is a difference") {
  storage::scratch_folder in;
  CHECK(read({disk(in, "a", {added(1, 1, "MUG")}), disk(in, "b", {barrier(1, 1, 1)})}).disagreements ==
        "replicas_agree: n2 shard 0 batch 1 is another one than n1's\n");
}

TEST_CASE("chaos logs: read models are laid beside the first node's, without the runtime's own rows") {
  storage::scratch_folder in;
  const auto all = read({disk(in, "a", {}, "2"), disk(in, "b", {}, "3")});
  REQUIRE(all.logs.read_models.size() == 2);
  CHECK(all.logs.read_models[1].node == 1);
  CHECK(all.logs.read_models[1].kept == sim::read_model_rows{{"MUG", "3"}});
  CHECK(all.logs.read_models[1].anew == sim::read_model_rows{{"MUG", "2"}});
}
