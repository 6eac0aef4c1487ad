#include "tools/node/backup_operation.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "actors/runtime/event_log.hpp"
#include "storage/backup/verify.hpp"
#include "tests/storage/rocks/damage.hpp"

using namespace bv;
using namespace bv::tools;
namespace json = boost::json;

namespace {

class fixed_clock final : public runtime::clock {
 public:
  timestamp now() const override { return timestamp{1'700'000'000'000'000'000}; }
};

struct fixture {
  fixture() {
    node.must_open();
    node.fill(1, 10);
    backup = make_backup_operation(node.now, node.folder.path, {}, time);
  }
  std::string code_of(const json::object& arguments) const {
    const auto said = backup->run(arguments, {{}, [](const json::object&) {}});
    return said ? "done" : said.error().code + " " + said.error().context;
  }
  [[nodiscard]] std::unique_ptr<admin::operation> of_a_cluster(
      std::function<void(duration, std::function<void(result<void>)>)> level) {
    return make_backup_operation(node.now, node.folder.path, replicated_log{.shards = 4, .level = std::move(level)}, time);
  }
  storage::node node;
  storage::scratch_folder place;
  const std::string to = place.path + "/backup";
  fixed_clock time;
  std::unique_ptr<admin::operation> backup;
};

}  // namespace

TEST_CASE("backup operation: says what it made, and how far it was") {
  fixture f;
  int told = 0;
  const auto said = f.backup->run({{"to", f.to}, {"rate_mb", 100}}, {{}, [&](const json::object& now) {
                                    ++told;
                                    CHECK(now.at("done_bytes").to_number<std::uint64_t>() <= now.at("total_bytes").to_number<std::uint64_t>());
                                    CHECK(now.at("doing").is_string());
                                  }});
  REQUIRE(said);
  CHECK(told > 3);
  CHECK(said->at("folder").as_string() == f.to);
  CHECK(said->at("events").to_number<std::uint64_t>() == 10);
  CHECK(said->at("shards").to_number<int>() == 4);
  CHECK(said->at("created_at").as_string() == "2023-11-14T22:13:20Z");
  const auto end = runtime::parse_cursor(std::string(said->at("cursor").as_string()), 4);
  CHECK(end->offsets[storage::node::shard.value] == storage::event_offset{10});
  CHECK(storage::verify_backup(f.to, {}));
}

TEST_CASE("backup operation: arguments that it can't take are named") {
  fixture f;
  CHECK(f.code_of({}) == "bad_arguments to");
  CHECK(f.code_of({{"to", "relative"}}) == "bad_arguments to");
  CHECK(f.code_of({{"to", 7}}) == "bad_arguments to");
  CHECK(f.code_of({{"to", f.to}, {"rate_mb", 0}}) == "bad_arguments rate_mb");
  CHECK(f.code_of({{"to", f.to}, {"rate", 1}}) == "bad_arguments rate");
  CHECK(f.code_of({{"to", f.to}, {"as_is", 1}}) == "bad_arguments as_is");
  CHECK_FALSE(std::filesystem::exists(f.to));
}

TEST_CASE("backup operation: not into the folder that it is made of") {
  fixture f;
  const auto inside = f.node.folder.path + "/backups/monday";
  CHECK(f.code_of({{"to", inside}}) == "backup_inside_data_dir " + inside);
  CHECK(f.code_of({{"to", f.node.folder.path + "/../" + std::filesystem::path(f.node.folder.path).filename().string()}})
            .starts_with("backup_inside_data_dir"));
  CHECK(f.code_of({{"to", f.node.folder.path + "-beside"}}) == "done");
  std::filesystem::remove_all(f.node.folder.path + "-beside");
}

TEST_CASE("backup operation: it is alone, and can be stopped") {
  fixture f;
  CHECK(f.backup->alone());
  CHECK(f.backup->name() == "backup");
  std::stop_source stop;
  stop.request_stop();
  const auto said = f.backup->run({{"to", f.to}}, {stop.get_token(), [](const json::object&) {}});
  REQUIRE_FALSE(said);
  CHECK(said.error().code == "cancelled");
}

TEST_CASE("backup operation: of a replicated log it takes what is committed, as what is derived knows") {
  fixture f;
  f.node.now.derived->apply(storage::node::shard, storage::log_index{6}, {});
  const auto said = f.of_a_cluster([](duration, const auto& done) { done({}); })
                        ->run({{"to", f.to}}, {{}, [](const json::object&) {}});
  REQUIRE(said);
  CHECK(said->at("events").to_number<std::uint64_t>() == 6);
}

TEST_CASE("backup operation: of a cluster's node it waits until the node has what the cluster had") {
  fixture f;
  const auto catches_up = f.of_a_cluster([&](duration at_most, const auto& done) {
    CHECK(at_most == level_in);
    f.node.now.derived->apply(storage::node::shard, storage::log_index{8}, {});
    done({});
  });
  const auto said = catches_up->run({{"to", f.to}}, {{}, [](const json::object&) {}});
  REQUIRE(said);
  CHECK(said->at("events").to_number<std::uint64_t>() == 8);
}

TEST_CASE("backup operation: without a majority there is none, unless what the node has is wanted as it is") {
  fixture f;
  f.node.now.derived->apply(storage::node::shard, storage::log_index{3}, {});
  const auto alone = f.of_a_cluster([](duration, const auto& done) { done(failure(error_kind::unavailable, "not_level", "nobody")); });
  const auto refused = alone->run({{"to", f.to}}, {{}, [](const json::object&) {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "not_level");
  CHECK_FALSE(std::filesystem::exists(f.to));
  const auto said = alone->run({{"to", f.to}, {"as_is", true}}, {{}, [](const json::object&) {}});
  REQUIRE(said);
  CHECK(said->at("events").to_number<std::uint64_t>() == 3);
}

TEST_CASE("backup operation: one that waits for its node can be stopped") {
  fixture f;
  std::stop_source stop;
  const auto waits = f.of_a_cluster([&](duration, const auto&) { stop.request_stop(); });
  const auto said = waits->run({{"to", f.to}}, {stop.get_token(), [](const json::object&) {}});
  REQUIRE_FALSE(said);
  CHECK(said.error().code == "cancelled");
}
