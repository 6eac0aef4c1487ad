// kill -9 at moments that nobody chose, again and again on the same folder.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/rocks/crash_batches.hpp"
#include "tests/storage/worlds.hpp"

namespace bv::storage {
namespace {

constexpr int rounds = 12;

/// The child, and the acknowledgements that it has sent.
struct child {
  pid_t pid = -1;
  int pipe = -1;
  std::vector<std::uint64_t> acknowledged = std::vector<std::uint64_t>(crash_shards);
  std::size_t count = 0;

  explicit child(const std::string& folder) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(BV_CRASH_CHILD, BV_CRASH_CHILD, folder.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    pipe = ends[0];
  }
  /// Reads one acknowledgement; false when the child is gone and its pipe empty.
  bool listen() {
    ack said;
    if (::read(pipe, &said, sizeof said) != sizeof said) return false;
    acknowledged.at(said.shard) = said.index;
    ++count;
    return true;
  }
  void kill() {
    REQUIRE(::kill(pid, SIGKILL) == 0);
    while (listen()) {
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    ::close(pipe);
  }
};

void check_shard(store& opened, shard_id shard, std::uint64_t acknowledged) {
  const auto last = opened.log->bounds(shard).last.value;
  CHECK(last >= acknowledged);
  const auto log = opened.log->read(shard, log_index{1}, std::size_t{1} << 30);
  REQUIRE(log);
  REQUIRE(log->size() == last);
  std::uint64_t offset = 1;
  for (std::uint64_t i = 1; i <= last; ++i) {
    REQUIRE((*log)[i - 1].data == crash_batch(i, offset));
    offset += crash_events(i);
  }
  // Each entity's row is that of its newest batch, and one wake-up is registered for it.
  for (auto i = last > 17 ? last - 16 : 1; i <= last; ++i) {
    const auto row = opened.derived->find(shard, crash_key(i));
    REQUIRE(row->has_value());
    CHECK((*row)->last == log_index{i});
  }
  const auto due = opened.derived->due(shard, {}, timestamp{1 << 30}, 1000);
  REQUIRE(due->size() == std::min<std::uint64_t>(last, 17));
  for (std::size_t i = 0; i < due->size(); ++i)
    CHECK((*due)[i].due.ns == static_cast<std::int64_t>(last - due->size() + 1 + i));
}

}  // namespace

TEST_CASE("crash: after kill -9 every acknowledged batch is there, and what is derived matches the log") {
  const scratch_folder folder;
  std::size_t wanted = 1;
  for (int round = 0; round < rounds; ++round) {
    child victim(folder.path);
    // A different moment each round: early ones hit the start, late ones the running.
    while (victim.count < wanted && victim.listen()) {
    }
    wanted = wanted * 7 % 211;
    victim.kill();

    store_options options;
    options.folder = folder.path;
    options.shards = crash_shards;
    auto opened = open_rocks_store(options);
    INFO((opened ? std::string() : describe(opened.error())));
    REQUIRE(opened);
    for (std::uint16_t i = 0; i < crash_shards; ++i)
      check_shard(*opened, shard_id{i}, victim.acknowledged[i]);
    const auto rows = *opened->tables->open("rows");
    for (const auto* shard : {"0", "1", "2"})
      CHECK(*rows->get(std::string("left") + shard) == *rows->get(std::string("right") + shard));
    // Every other round the next start finds what a clean stop leaves.
    if (round % 2 == 0) REQUIRE(opened->close());
  }
}

}  // namespace bv::storage
