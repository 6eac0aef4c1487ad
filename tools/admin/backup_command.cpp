#include "tools/admin/backup_command.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>

#include "actors/runtime/event_log.hpp"
#include "storage/backup/restore.hpp"
#include "storage/backup/verify.hpp"
#include "tools/admin/answers.hpp"
#include "tools/admin/progress_line.hpp"
#include "tools/exit_codes.hpp"
#include "tools/node/backup_operation.hpp"

namespace bv::tools {
namespace {

namespace json = boost::json;

unsigned long long number(const json::object& of, std::string_view key) { return of.at(key).to_number<std::uint64_t>(); }

/// "16 shards, 120 events, 1.1 GiB, made at … by bv 0.1.0, through the cursor …"
std::string text_of(const json::object& summary) {
  return std::to_string(number(summary, "shards")) + " shards, " + std::to_string(number(summary, "events")) + " events, " +
         size_text(number(summary, "size_bytes")) + ", made at " + std::string(summary.at("created_at").as_string()) + " by bv " +
         std::string(summary.at("program").as_string()) + ", through the cursor " + std::string(summary.at("cursor").as_string());
}

storage::backup_task task_shown_on(progress_line& line, bool silent) {
  storage::backup_task task;
  if (!silent)
    task.on_progress = [&line](const storage::backup_progress& now) { line.show(now.doing, now.done_bytes, now.total_bytes); };
  return task;
}

result<storage::restore_options> point_of(const restore_command_options& asked) {
  storage::restore_options point;
  if (!asked.until.empty()) {
    BV_ASSIGN(point.until, parse_rfc3339(asked.until));
  }
  if (!asked.through.empty()) {
    BV_ASSIGN(const auto manifest, storage::read_manifest(asked.from));
    BV_ASSIGN(auto cursor, runtime::parse_cursor(asked.through, manifest.shards.size()));
    point.through = std::move(cursor.offsets);
  }
  return point;
}

json::object plan_summary(const storage::restore_plan& plan) {
  runtime::log_cursor end;
  json::array shards;
  for (const auto& shard : plan.shards) {
    end.offsets.push_back(shard.last_offset);
    shards.push_back(json::object{{"last", shard.last.value}, {"last_offset", shard.last_offset.value}});
  }
  return {{"backup", summary_of(plan.backup)}, {"events", plan.events()}, {"events_left_out", plan.events_left_out()},
          {"cursor", runtime::to_text(end)}, {"shards", std::move(shards)}};
}

void print_restored(const restore_command_options& asked, const json::object& said) {
  if (asked.json) return print_json(said);
  std::printf("backup: %s\n", text_of(said.at("backup").as_object()).c_str());
  std::printf("%s %llu events, %llu left out, through the cursor %s\n", asked.verify_only ? "would restore" : "restored",
              number(said, "events"), number(said, "events_left_out"), said.at("cursor").as_string().c_str());
  if (!asked.verify_only)
    std::printf("start the node with BV_NODE_DATA_DIR=%s: it computes what is derived from the log, then serves\n",
                asked.data_dir.c_str());
}

}  // namespace

int run_backup_command(const backup_command_options& options) {
  const auto data_dir = data_dir_of(options.node);
  if (!data_dir) return give_up("backup", data_dir.error());
  std::error_code code;
  json::object arguments{{"to", std::filesystem::absolute(options.to, code).lexically_normal().string()}};
  if (options.rate_mb > 0) arguments["rate_mb"] = options.rate_mb;
  if (options.as_is) arguments["as_is"] = true;
  const auto said = [&] {
    progress_line line(stderr, ::isatty(STDERR_FILENO) != 0);
    return ask_node(*data_dir, "backup", arguments, [&](const json::object& now) {
      if (!options.json)
        line.show(now.at("doing").as_string(), number(now, "done_bytes"), number(now, "total_bytes"));
    });
  }();
  if (!said) return give_up("backup", said.error());
  if (options.json)
    print_json(*said);
  else
    std::printf("backup in %s: %s%s\n", said->at("folder").as_string().c_str(), text_of(*said).c_str(),
                options.as_is ? "; what this node had, others may have had more" : "");
  return exit_done;
}

int run_restore_command(const restore_command_options& options) {
  if (options.data_dir.empty() && !options.verify_only)
    return give_up("restore", {error_kind::invalid, "data_dir_missing", "name the folder to make with --data-dir"});
  const auto point = point_of(options);
  if (!point) return give_up("restore", point.error());
  const auto made = [&] {
    progress_line line(stderr, ::isatty(STDERR_FILENO) != 0);
    auto how = *point;
    how.task = task_shown_on(line, options.json);
    return options.verify_only ? storage::plan_restore(options.from, how) : storage::restore(options.from, options.data_dir, how);
  }();
  if (!made) return give_up("restore", made.error());
  print_restored(options, plan_summary(*made));
  return exit_done;
}

int run_verify_command(const verify_command_options& options) {
  const auto seen = [&] {
    progress_line line(stderr, ::isatty(STDERR_FILENO) != 0);
    return storage::verify_backup(options.from, task_shown_on(line, options.json));
  }();
  if (!seen) return give_up("verify", seen.error());
  if (options.json)
    print_json(summary_of(*seen));
  else
    std::printf("sound: %s\n", text_of(summary_of(*seen)).c_str());
  return exit_done;
}

}  // namespace bv::tools
