#include "sim/record/store_source.hpp"

#include <filesystem>

#include "protocols/schema/runtime/stored.hpp"
#include "tests/sim/record/replay.hpp"

using namespace bv;
using namespace bv::sim;
using namespace bv::sim::testing;

TEST_CASE("store source: gives an entity's events in order, all or those after a version") {
  finished_run production(shipped_plan("happy_path", 1));
  const auto who = entity_key::trusted("default", "order", "o-1");
  const auto all = must(production.source().history(who, 0));
  REQUIRE_EQ(all.size(), 5);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK_EQ(all[i].version, i + 1);
  const auto later = must(production.source().history(who, 3));
  REQUIRE_EQ(later.size(), 2);
  CHECK_EQ(later.front().payload, all[3].payload);
  CHECK_EQ(later.front().at, all[3].at);
  CHECK(must(production.source().history(entity_key::trusted("default", "order", "none"), 0)).empty());
}

TEST_CASE("store source: a state that is kept is that of its version") {
  storage::scratch_folder scratch;
  const auto who = entity_key::trusted("default", "inventory", "MUG");
  {
    auto made = must(storage::open_rocks_store({.folder = scratch.path, .shards = 1}));
    const commerce::inventory::state mug{.sku = "MUG", .available = 8};
    const storage::snapshot kept{17, storage::log_index{0}, encode(runtime::stored::entity_snapshot{encode(mug), {}})};
    made.derived->apply(storage::shard_id{0}, storage::log_index{0}, {{who, 17, storage::log_index{0}, {}, {}, kept}});
    CHECK(made.close());
  }
  const auto source = must(open_store_source(scratch.path, 1));
  const auto kept = must(source->known_state(who));
  REQUIRE(kept);
  CHECK_EQ(kept->version, 17);
  commerce::inventory::state mug;
  REQUIRE(commerce::inventory::contract::decode(kept->state, mug));
  CHECK_EQ(mug.available, 8);
  CHECK_FALSE(must(source->known_state(entity_key::trusted("default", "inventory", "PEN"))));
}

TEST_CASE("store source: a folder that is missing, of something else, in use or of other shards is refused, and left alone") {
  const auto code_of = [](const std::string& folder, std::uint16_t shards = 4) {
    const auto opened = open_store_source(folder, shards);
    return opened ? std::string("opened") : opened.error().code;
  };
  storage::scratch_folder scratch;
  CHECK_EQ(code_of(scratch.path + "/nothing"), "data_dir_missing");
  CHECK_FALSE(std::filesystem::exists(scratch.path + "/nothing"));
  CHECK_EQ(code_of(scratch.path), "data_dir_unknown");
  CHECK(std::filesystem::is_empty(scratch.path));
  const auto folder = scratch.path + "/data";
  {
    auto made = must(storage::open_rocks_store({.folder = folder, .shards = 4}));
    const auto in_use = open_store_source(folder, 4);
    REQUIRE_FALSE(in_use);
    CHECK_EQ(in_use.error().code, "data_dir_locked");
    CHECK(in_use.error().message.find("--connect") != std::string::npos);
    CHECK(made.close());
  }
  CHECK_EQ(code_of(folder), "opened");
  const auto other = open_store_source(folder, 8);
  REQUIRE_FALSE(other);
  CHECK_EQ(other.error().code, "shards_changed");
  CHECK(other.error().message.find("--shards") != std::string::npos);
}
