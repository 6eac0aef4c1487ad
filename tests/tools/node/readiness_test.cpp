#include "tools/node/readiness.hpp"

#include <doctest/doctest.h>

using namespace bv;
using namespace bv::tools;

namespace {

class told_log final : public runtime::event_log {
 public:
  std::uint64_t committed = 0;
  std::uint16_t shard_count() const override { return 2; }
  using event_log::read;
  result<runtime::event_page> read(storage::shard_id, storage::event_offset, std::size_t,
                                   std::span<const runtime::event_interest>) override {
    return {};
  }
  storage::event_offset end(storage::shard_id shard) const override {
    return storage::event_offset{shard.value == 0 ? committed : 0};
  }
  result<std::vector<runtime::logged_event>> history(const entity_key&, std::uint64_t, std::size_t) override {
    return {};
  }
  std::shared_ptr<void> follow(growth_handler) override { return {}; }
};

class told_view final : public runtime::projection_view {
 public:
  runtime::projection_status told{.name = "stock_view"};
  bool open = true;
  result<std::optional<bytes>> get(bytes_view) const override {
    if (open) return std::nullopt;
    return failure(error_kind::unavailable, "projection_not_ready", "not open");
  }
  result<void> scan(bytes_view, bytes_view, bool, const std::function<bool(bytes_view, bytes_view)>&) const override {
    return {};
  }
  runtime::projection_status status() const override { return told; }
};

struct world {
  told_log log;
  std::shared_ptr<told_view> view = std::make_shared<told_view>();
  bool serving = true;
  std::optional<readiness> ready;
  explicit world(std::uint64_t committed) {
    log.committed = committed;
    ready.emplace(log, readiness::views{view}, [this] { return serving; });
  }
};

}  // namespace

TEST_CASE("readiness: not before the shards serve") {
  world node(0);
  node.serving = false;
  CHECK(node.ready->check().error().code == "recovering");
  node.serving = true;
  CHECK(node.ready->check());
}

TEST_CASE("readiness: not before the read models have seen what was committed before the start") {
  world node(100);
  node.view->told.events_behind = 100;
  node.view->open = false;
  CHECK_FALSE(node.ready->check());
  node.view->open = true;
  CHECK_FALSE(node.ready->check());
  node.view->told.events_behind = 1;
  CHECK(node.ready->check().error().context == "stock_view");
  node.view->told.events_behind = 0;
  CHECK(node.ready->check());
}

TEST_CASE("readiness: what is committed after the start need not be seen") {
  world node(100);
  node.log.committed = 150;
  node.view->told.events_behind = 51;
  CHECK_FALSE(node.ready->check());
  node.view->told.events_behind = 50;
  CHECK(node.ready->check());
}

TEST_CASE("readiness: a read model that falls behind later does not make the node unready, a stop does") {
  world node(100);
  CHECK(node.ready->check());
  node.view->told.events_behind = 100;
  CHECK(node.ready->check());
  node.serving = false;
  CHECK_FALSE(node.ready->check());
}

TEST_CASE("readiness: a read model that has failed, or is rebuilt behind its old table, is not waited for") {
  world node(100);
  node.view->told.events_behind = 100;
  node.view->told.rebuilding = true;
  CHECK(node.ready->check());
  world other(100);
  other.view->told.events_behind = 100;
  other.view->told.failed = "row_corrupt";
  CHECK(other.ready->check());
}

TEST_CASE("readiness: a failed recovery is told") {
  world node(0);
  node.ready->recovery_failed({error_kind::internal, "journal_corrupt", "shard 3", ""});
  CHECK(node.ready->check().error().code == "journal_corrupt");
}

TEST_CASE("readiness: a node of a cluster is not ready before it has, in its read models too, what its cluster has") {
  world node(0);
  node.ready.emplace(node.log, readiness::views{node.view}, [&] { return node.serving; }, true);
  CHECK(node.ready->check().error().code == "recovering");
  node.log.committed = 80;
  node.view->told.events_behind = 80;
  node.ready->on_level();
  CHECK(node.ready->check().error().context == "stock_view");
  node.log.committed = 90;
  node.view->told.events_behind = 10;
  CHECK(node.ready->check());
}
