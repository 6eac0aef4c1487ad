#include "actors/runtime/projection_runner.hpp"

#include <cstdio>
#include <utility>

#include "storage/journal.hpp"

namespace bv::runtime {

projection_runner::projection_runner(caf::actor_config& config, std::shared_ptr<const projection> rules, const limits& bounds,
                                     storage::table_store& tables, event_log& log,
                                     std::shared_ptr<served_projection> served, const note_handler& notes)
    : mailed_actor(config),
      rules_(std::move(rules)),
      wanted_(rules_->interests()),
      bounds_(bounds),
      tables_(tables),
      log_(log),
      served_(std::move(served)),
      notes_(notes) {}

caf::behavior projection_runner::make_behavior() {
  if (auto opened = open_tables(); !opened) fail(opened.error());
  waker_.emplace(log_, caf::actor_cast<caf::actor>(this), wanted_, bounds_.projection_rest, [this] { step(); });
  return {
      [](const run_action& mail) { mail.action(); },
      [this](rebuild_projection) {
        if (auto begun = rebuild(); !begun) return fail(begun.error());
        step();
      },
  };
}

std::string projection_runner::table_name(std::uint64_t generation) const {
  return rules_->name() + "." + std::to_string(generation);
}

result<void> projection_runner::open_tables() {
  BV_ASSIGN(catalogue_, tables_.open("projections"));
  BV_ASSIGN(const auto row, catalogue_->get(rules_->name()));
  if (row) {
    unsigned long long generation = 0;
    unsigned revision = 0;
    if (std::sscanf(row->c_str(), "%llu %u", &generation, &revision) != 2)
      return failure(error_kind::internal, "catalogue_corrupt", "the table of projections can't be read",
                     rules_->name());
    generation_ = generation;
    served_revision_ = revision;
  } else {
    served_revision_ = rules_->revision();
    BV_TRY(save_catalogue());
  }
  // A rebuild that a restart cut short begins anew: its table was never served.
  BV_ASSIGN(const auto names, tables_.names());
  for (const auto& name : names)
    if (name.starts_with(rules_->name() + ".") && name != table_name(generation_)) BV_TRY(tables_.drop(name));
  BV_ASSIGN(serving_, projection_track::open(tables_, table_name(generation_), log_.shard_count()));
  served_->serve(serving_->table());
  if (served_revision_ != rules_->revision()) BV_TRY(rebuild());
  publish();
  return {};
}

result<void> projection_runner::save_catalogue() {
  std::vector<storage::table_write> changes;
  changes.push_back({rules_->name(), std::to_string(generation_) + " " + std::to_string(served_revision_)});
  return catalogue_->write(std::move(changes));
}

result<void> projection_runner::rebuild() {
  if (building_) return {};
  failed_.clear();
  notes_({note_level::info, "the projection " + rules_->name() + " is rebuilt from the first event"});
  BV_ASSIGN(building_, projection_track::open(tables_, table_name(generation_ + 1), log_.shard_count()));
  return {};
}

result<void> projection_runner::switch_over() {
  const auto old = serving_->table_name();
  serving_ = std::move(building_);
  ++generation_;
  served_revision_ = rules_->revision();
  BV_TRY(save_catalogue());
  served_->serve(serving_->table());
  notes_({note_level::info, "the projection " + rules_->name() + " is rebuilt and served"});
  return tables_.drop(old);
}

/// The log of a node of a cluster is mended, so it is tried again.
void projection_runner::stumble(const error& why) {
  if (!storage::is_rot(why)) return fail(why);
  if (stumbled_ != describe(why))
    notes_({note_level::error, "the projection " + rules_->name() + " can't read the log, and tries again: " + describe(why)});
  stumbled_ = describe(why);
  publish();
  if (std::exchange(retries_, true)) return;
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(this), after_stumbling, run_action{[this] {
                           retries_ = false;
                           step();
                         }});
}

void projection_runner::step() {
  if (!failed_.empty()) return;
  bool more = false;
  if (served_revision_ == rules_->revision()) {
    const auto advanced = serving_->advance(*rules_, log_, wanted_, bounds_.log_page_size_bytes_max);
    if (!advanced) return stumble(advanced.error());
    more = *advanced;
  }
  if (building_) {
    const auto advanced = building_->advance(*rules_, log_, wanted_, bounds_.log_page_size_bytes_max);
    if (!advanced) return stumble(advanced.error());
    more = more || *advanced;
    if (!*advanced)
      if (auto switched = switch_over(); !switched) return fail(switched.error());
  }
  stumbled_.clear();
  publish();
  // Through the mailbox, so that other actors get their turn between two pages.
  if (more) waker_->again();
}

void projection_runner::fail(const error& why) {
  failed_ = describe(why);
  notes_({note_level::error, "the projection " + rules_->name() + " has stopped: " + failed_});
  publish();
}

void projection_runner::publish() {
  served_->publish({.through = serving_ ? serving_->through() : 0,
                    .rebuilding = building_ != nullptr,
                    .rebuilt = building_ ? building_->through() : 0,
                    .failed = failed_.empty() ? stumbled_ : failed_});
}

}  // namespace bv::runtime
