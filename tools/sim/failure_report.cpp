#include "tools/sim/failure_report.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/hunt/child.hpp"
#include "sim/hunt/run_folder.hpp"
#include "sim/hunt/shrink.hpp"
#include "sim/plan/draw.hpp"
#include "sim/plan/write_scenario.hpp"
#include "sim/trace/render_html.hpp"
#include "sim/trace/render_text.hpp"

namespace bv::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t shrink_trials_max = 1500;
constexpr auto shrink_time_max = 60s;
/// The end of a long timeline is what a terminal can hold; the HTML page has all of it.
constexpr std::size_t lines_told_max = 120;

bool coloured() { return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

sim::plan failed_plan(const told_run& about) {
  auto drawn = apply(draw(about.scenario, about.outcome.seed), about.outcome.failed_at);
  if (about.campaign.tier) drawn.where.tier = *about.campaign.tier;
  return drawn;
}

std::string replay_command(const told_run& about) {
  return "bv sim run " + about.options.scenario + " --seed " + std::to_string(about.outcome.seed) +
         (about.options.tier.empty() ? "" : " --tier " + about.options.tier) +
         (about.options.plant.empty() ? "" : " --plant " + about.options.plant);
}

bool write_file(const std::filesystem::path& to, const std::string& text) {
  std::ofstream file(to, std::ios::trunc);
  file << text;
  file.close();
  if (!file) std::fprintf(stderr, "can't write %s\n", to.c_str());
  return static_cast<bool>(file);
}

/// Makes the plan smaller; progress on a line of its own if somebody watches.
sim::shrunk make_smaller(const told_run& about, const sim::plan& from) {
  const auto& invariant = about.outcome.violations.front().invariant;
  const auto until = std::chrono::steady_clock::now() + shrink_time_max;
  const bool watched = ::isatty(STDERR_FILENO) != 0;
  auto made = sim::shrink(
      from,
      [&](const sim::plan& smaller) {
        if (std::chrono::steady_clock::now() > until) return false;
        const auto outcome = sim::run_plan(smaller, about.campaign);
        return outcome && outcome->breaks(invariant);
      },
      {.trials_max = shrink_trials_max,
       .keep_workload = invariant == "awaited" || invariant == "expected",
       .on_progress = [&](std::uint64_t trials, std::size_t size) {
         if (watched) std::fprintf(stderr, "\rshrinking: %zu steps and faults left after %lu runs ", size, trials);
       }});
  if (watched) std::fprintf(stderr, "\n");
  return made;
}

/// Runs the plan once more with its trace kept, in a process of its own: it may die. Gives the rendered timeline.
struct rendered {
  std::string text, html;
};
rendered render(const told_run& about, const sim::plan& what, const std::string& shrunk_text) {
  // Ours, not the child's: what dies does not tidy up.
  const sim::run_folder folder(about.campaign.folder);
  const auto tell = [&](const std::function<void(std::string_view)>& say) {
    const auto outcome = sim::run(what, {.tracing = {.keep = true}, .folder = folder.path()});
    if (!outcome) return;
    sim::run_report report{.scenario = what.scenario,
                           .seed = what.seed,
                           .failed = !outcome->ok(),
                           .verdict = outcome->ok() ? "ok" : "failed",
                           .hash = outcome->hash,
                           .replay = replay_command(about),
                           .beginning = outcome->began,
                           .violations = {},
                           .lines = outcome->what_happened.lines(),
                           .dropped_lines = outcome->what_happened.dropped_lines(),
                           .shrunk = shrunk_text};
    for (const auto& one : outcome->violations) report.violations.push_back(one.invariant + ": " + one.what);
    const auto html = about.options.trace_file.empty() ? std::string() : render_html(report);
    say(std::to_string(html.size()) + "\n" + html);
    if (about.options.json) return;
    const bool whole = about.options.timeline || report.lines.size() <= lines_told_max;
    if (!whole) {
      say("(the last " + std::to_string(lines_told_max) + " of " + std::to_string(report.lines.size()) +
          " lines; --timeline or --trace shows all)\n");
      report.lines = report.lines.last(lines_told_max);
    }
    say(render_timeline(report, coloured()));
  };
  const auto end = sim::in_child(tell, about.campaign.cpu_seconds_max);
  if (!end || end->said.empty()) return {};
  const auto html_begin = end->said.find('\n') + 1;
  const auto html_size = std::stoul(end->said);
  return {.text = end->said.substr(html_begin + html_size), .html = end->said.substr(html_begin, html_size)};
}

void write_page(const told_run& about, const std::string& html) {
  if (about.options.trace_file.empty()) return;
  if (html.empty()) return void(std::fprintf(stderr, "the run dies before it can be drawn; there is no page\n"));
  if (write_file(about.options.trace_file, html) && !about.options.json)
    std::printf("page: %s\n", about.options.trace_file.c_str());
}

}  // namespace

void tell_failure(const told_run& about) {
  const bool text = !about.options.json;
  auto shown = failed_plan(about);
  if (text) {
    std::printf("\n%s, seed %lu", about.scenario.name.c_str(), about.outcome.seed);
    if (about.outcome.failed_at.crash) std::printf(", %s", to_text(about.outcome.failed_at).c_str());
    std::printf(", breaks\n");
    for (const auto& one : about.outcome.violations) std::printf("  %s: %s\n", one.invariant.c_str(), one.what.c_str());
    std::printf("replay: %s\n", replay_command(about).c_str());
    std::fflush(stdout);
  }
  std::string smaller;
  if (about.options.shrink) {
    const auto before = size_of(shown);
    const auto made = make_smaller(about, shown);
    shown = made.what;
    smaller = write_scenario(shown, {.about = "Shrunk from " + about.scenario.name + ", seed " + std::to_string(about.outcome.seed),
                                     .expected = {about.outcome.violations.front().invariant}});
    const auto file = std::filesystem::path(about.options.out_folder) /
                      (about.scenario.name + "-seed" + std::to_string(about.outcome.seed) + ".toml");
    if (write_file(file, smaller) && text)
      std::printf("shrunk: %s (%zu steps and faults of %zu, after %lu runs%s)\n", file.c_str(), size_of(shown), before,
                  made.trials, made.complete ? "" : "; could be smaller still");
  }
  const auto made = render(about, shown, smaller);
  if (text) std::printf("%s%s", about.options.shrink ? "timeline of the shrunk run:\n" : "timeline:\n", made.text.c_str());
  write_page(about, made.html);
}

void tell_run(const told_run& about) {
  if (!about.options.timeline && about.options.trace_file.empty()) return;
  const auto made = render(about, failed_plan(about), {});
  if (about.options.timeline && !about.options.json) std::printf("%s", made.text.c_str());
  write_page(about, made.html);
}

}  // namespace bv::tools
