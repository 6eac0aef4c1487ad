#pragma once

#include <memory>
#include <optional>
#include <string>

#include "actors/runtime/limits.hpp"
#include "actors/runtime/log_waker.hpp"
#include "actors/runtime/mailed_actor.hpp"
#include "actors/runtime/note.hpp"
#include "actors/runtime/projection_track.hpp"
#include "actors/runtime/served_projection.hpp"

namespace bv::runtime {

/// Keeps one projection up to date, and rebuilds it beside the served table when its revision has changed or an operator
/// asks. The rebuilt table is served from the moment that it has caught up; until then the old one is
/// kept up to date too, unless the rules that filled it are gone with their revision.
///
/// Tables are called `NAME.GENERATION`; the table `projections` says which generation is served, and by which revision
/// it was made. Runs on CAF's scheduler; takes run_action and rebuild_projection.
class projection_runner final : public mailed_actor {
 public:
  projection_runner(caf::actor_config& config, std::shared_ptr<const projection> rules, const limits& bounds,
                    storage::table_store& tables, event_log& log, std::shared_ptr<served_projection> served, const note_handler& notes);
  caf::behavior make_behavior() override;
  /// The waker holds a reference to this actor: let go of it.
  void on_exit() override { waker_.reset(); }

 private:
  static constexpr duration after_stumbling = std::chrono::seconds{1};

  result<void> open_tables();
  result<void> rebuild();
  result<void> switch_over();
  result<void> save_catalogue();
  void step();
  void fail(const error& why);
  void stumble(const error& why);
  void publish();
  [[nodiscard]] std::string table_name(std::uint64_t generation) const;

  std::shared_ptr<const projection> rules_;
  const std::vector<event_interest> wanted_;
  const limits& bounds_;
  storage::table_store& tables_;
  event_log& log_;
  std::shared_ptr<served_projection> served_;
  const note_handler& notes_;
  std::shared_ptr<storage::table> catalogue_;
  std::uint64_t generation_ = 0;
  std::uint32_t served_revision_ = 0;
  std::unique_ptr<projection_track> serving_, building_;
  std::string failed_;
  std::string stumbled_;  ///< why the last page could not be read
  bool retries_ = false;
  std::optional<log_waker> waker_;
};

struct rebuild_projection {};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::rebuild_projection)
