#include "tools/node/backup_operation.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <future>

#include "actors/runtime/event_log.hpp"
#include "storage/backup/back_up.hpp"
#include "tools/node/bad_arguments.hpp"
#include "tools/node/version.hpp"

namespace bv::tools {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t rate_mb_max = 1'000'000;
constexpr std::uint64_t mb = 1'000'000;

struct wanted {
  std::string to;
  std::uint64_t bytes_per_s_max = 0;
  bool as_is = false;
};

result<wanted> read_arguments(const json::object& arguments) {
  wanted read;
  for (const auto& [key, value] : arguments) {
    if (key == "to" && value.is_string()) {
      read.to = value.as_string();
    } else if (key == "rate_mb" && value.is_int64() && value.as_int64() >= 1 && value.as_int64() <= rate_mb_max) {
      read.bytes_per_s_max = static_cast<std::uint64_t>(value.as_int64()) * mb;
    } else if (key == "as_is" && value.is_bool()) {
      read.as_is = value.as_bool();
    } else {
      return bad_arguments("a backup takes \"to\", a folder, \"rate_mb\", 1 to 1000000, and \"as_is\", true or false", std::string(key));
    }
  }
  if (!fs::path(read.to).is_absolute()) return bad_arguments("name the backup's folder by its absolute path", "to");
  return read;
}

/// What is lost together with the folder that it was made of is no backup.
result<void> check_apart(const std::string& to, const std::string& data_dir) {
  std::error_code code;
  const auto inside = fs::weakly_canonical(to, code), folder = fs::weakly_canonical(data_dir, code);
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), inside.begin(), inside.end());
  if (end != folder.end()) return {};
  return failure(error_kind::invalid, "backup_inside_data_dir", "the backup would be lost with the data folder that it lies in", to);
}

/// Blocks until the node is level with its cluster. Errors: as runtime::node's; `cancelled`.
result<void> become_level(const replicated_log& log, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds between_looks{100};
  // The answer may come when nobody waits for it any more.
  const auto answer = std::make_shared<std::promise<result<void>>>();
  auto level = answer->get_future();
  log.level(level_in, [answer](result<void> outcome) { answer->set_value(std::move(outcome)); });
  while (level.wait_for(between_looks) != std::future_status::ready)
    if (stop.stop_requested()) return failure(error_kind::unavailable, "cancelled", "the backup was broken off");
  return level.get();
}

class backup_operation final : public admin::operation {
 public:
  backup_operation(const storage::store& store, std::string data_dir, std::optional<replicated_log> replicated,
                   const runtime::clock& time)
      : store_(store), data_dir_(std::move(data_dir)), replicated_(std::move(replicated)), time_(time) {}

  std::string_view name() const override { return "backup"; }
  bool alone() const override { return true; }

  result<json::object> run(const json::object& arguments, const admin::running& now) override {
    BV_ASSIGN(const auto read, read_arguments(arguments));
    BV_TRY(check_apart(read.to, data_dir_));
    storage::backup_options how;
    how.created_at = time_.now();
    how.program = BV_VERSION;
    if (replicated_ && !read.as_is) BV_TRY(become_level(*replicated_, now.stop));
    // What is derived comes of committed batches only.
    for (std::uint16_t i = 0; replicated_ && i < replicated_->shards; ++i)
      how.through.push_back(store_.derived->through(storage::shard_id{i}));
    how.task.bytes_per_s_max = read.bytes_per_s_max;
    how.task.stop = now.stop;
    how.task.on_progress = [&](const storage::backup_progress& seen) {
      now.progress({{"doing", seen.doing}, {"done_bytes", seen.done_bytes}, {"total_bytes", seen.total_bytes}});
    };
    BV_ASSIGN(const auto made, storage::back_up(store_, read.to, how));
    auto said = summary_of(made);
    said["folder"] = read.to;
    return said;
  }

 private:
  const storage::store& store_;
  const std::string data_dir_;
  const std::optional<replicated_log> replicated_;
  const runtime::clock& time_;
};

}  // namespace

std::unique_ptr<admin::operation> make_backup_operation(const storage::store& store, std::string data_dir,
                                                        std::optional<replicated_log> replicated, const runtime::clock& time) {
  return std::make_unique<backup_operation>(store, std::move(data_dir), std::move(replicated), time);
}

json::object summary_of(const storage::backup_manifest& backup) {
  std::uint64_t events = 0;
  runtime::log_cursor end;
  for (const auto& shard : backup.shards) {
    events += shard.last_offset.value - (shard.first_offset.value - 1);
    end.offsets.push_back(shard.last_offset);
  }
  return {{"created_at", to_rfc3339(backup.created_at)}, {"program", backup.program}, {"shards", backup.shards.size()},
          {"events", events}, {"size_bytes", storage::size_of(backup)}, {"cursor", runtime::to_text(end)}};
}

}  // namespace bv::tools
