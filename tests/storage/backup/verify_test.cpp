#include "storage/backup/verify.hpp"

#include "tests/storage/backup/backups.hpp"

namespace bv::storage {
namespace {

std::string reason(const std::string& folder) {
  const auto seen = verify_backup(folder, {});
  return seen ? "sound" : seen.error().code + " " + seen.error().context;
}

/// Gives a manifest that was tampered with the checksum that it needs.
void rewrite(const std::string& folder, const std::function<void(backup_manifest&)>& change) {
  auto manifest = *read_manifest(folder);
  change(manifest);
  spill(folder + "/manifest.json", to_json(manifest));
}

}  // namespace

TEST_CASE("verify: a flipped bit at the beginning, middle or end of any file is found, with the file's name") {
  backed_up n;
  n.write_some(60, 200);
  auto made = n.must_back_up();
  made.files.push_back({"manifest.json", std::filesystem::file_size(n.target + "/manifest.json"), {}});
  REQUIRE(made.files.size() > 5);
  for (const auto& file : made.files) {
    const auto path = n.target + "/" + file.name;
    const auto whole = slurp(path);
    for (const auto at : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
      if (whole.empty()) continue;
      flip(path, at, 3);
      CHECK_MESSAGE(reason(n.target) == "backup_damaged " + file.name, file.name, " ", at);
      spill(path, whole);
    }
  }
  CHECK(reason(n.target) == "sound");
}

TEST_CASE("verify: a file that is missing, cut short, grown or added is named") {
  backed_up n;
  n.write_some(20);
  const auto made = n.must_back_up();
  for (const auto& file : made.files) {
    const auto path = n.target + "/" + file.name;
    const auto whole = slurp(path);
    std::filesystem::remove(path);
    CHECK(reason(n.target) == "backup_damaged " + file.name);
    spill(path, whole + "x");
    CHECK(verify_backup(n.target, {}).error().message.find("bytes instead of " + std::to_string(whole.size())) != std::string::npos);
    CHECK(reason(n.target) == "backup_damaged " + file.name);
    spill(path, whole);
  }
  spill(n.target + "/log/999999.log", "more");
  CHECK(reason(n.target) == "backup_damaged log/999999.log");
}

TEST_CASE("verify: a folder without a manifest is no backup") {
  scratch_folder folder;
  CHECK(reason(folder.path) == "not_a_backup " + folder.path);
  CHECK(reason("/nowhere/at/all") == "not_a_backup /nowhere/at/all");
}

TEST_CASE("verify: a manifest that says something else of a shard is found") {
  backed_up n;
  n.write_some(20);
  const auto made = n.must_back_up();
  rewrite(n.target, [](backup_manifest& of) { of.shards[1].digest.low ^= 1; });
  CHECK(reason(n.target) == "backup_damaged shard 1");
  rewrite(n.target, [&](backup_manifest& of) {
    of = made;
    of.shards[2].last = log_index{1'000};
  });
  CHECK(reason(n.target) == "backup_damaged shard 2");
  rewrite(n.target, [&](backup_manifest& of) {
    of = made;
    of.shards.pop_back();
  });
  CHECK(reason(n.target).starts_with("shards_changed"));
}

TEST_CASE("verify: a batch that is damaged under a right checksum of its file is named by shard and index") {
  backed_up n;
  n.write_some(40, 10'000);
  const auto made = n.must_back_up();
  const auto blob = std::ranges::find_if(made.files, [](const auto& file) { return file.name.ends_with(".blob"); });
  REQUIRE(blob != made.files.end());
  flip(n.target + "/" + blob->name, blob->size / 2);
  rewrite(n.target, [&](backup_manifest& of) {
    for (auto& file : of.files)
      if (file.name == blob->name) file.digest = hash128(slurp(n.target + "/" + file.name));
  });
  CHECK(reason(n.target).starts_with("journal_corrupt shard "));
}

TEST_CASE("verify: it shows every batch in order, and changes nothing in the folder") {
  backed_up n;
  n.write_some(50);
  n.must_back_up();
  const auto before = listing(n.target);
  std::map<std::uint16_t, std::uint64_t> seen;
  REQUIRE(verify_backup(n.target, {}, [&](shard_id shard, const batch_reader& batch) {
    CHECK(batch.index().value == ++seen[shard.value]);
  }));
  CHECK(seen[node::shard.value] == 25);
  CHECK(seen[node::other.value] == 25);
  CHECK(listing(n.target) == before);
}

TEST_CASE("verify: it can be cancelled") {
  backed_up n;
  n.write_some(10);
  n.must_back_up();
  std::stop_source stop;
  stop.request_stop();
  backup_task task;
  task.stop = stop.get_token();
  CHECK(verify_backup(n.target, task).error().code == "cancelled");
}

}  // namespace bv::storage
