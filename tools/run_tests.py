#!/usr/bin/env python3
"""The runs behind tools/test. Each is one Meson build folder and the suites that are run in it:

  plain   -O1 with coverage counters: every test, then the coverage gate
  asan    AddressSanitizer + UndefinedBehaviorSanitizer: every test but those that read sources only
  tsan    ThreadSanitizer: the suites whose code runs on several threads, and one node end to end. Not yet clusters of
          processes: two failures there are open (docs/performance.md, "Not under TSan")

Two cores have to manage all three from a cold cache within CI's 90 minutes, so all are built with -O1 and short debug
information, a library or a test program as one file (Meson's "unity": the headers are most of the work), linked by mold,
and the tsan run builds only what its suites need.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPRESSIONS = ROOT / "tools" / "sanitizers"
COVERAGE_PERCENT_MIN = 85.0
# Our code: what a user runs. Generated code lives in the build folder and is not counted.
COVERED_FOLDERS = ["protocols", "storage", "actors", "sagas", "sim", "tools"]
COMMON = ["-Dbuildtype=plain", "-Doptimization=1", "-Dwerror=true", "-Dunity=on", "-Dunity_size=1000"]


@dataclass
class Run:
    name: str
    options: list
    suites: list = field(default_factory=list)  # empty: all
    without: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    timeout_factor: int = 1

    @property
    def folder(self):
        return ROOT / f"build-{self.name}"


RUNS = [
    Run("plain", ["-Db_coverage=true", "-Dcpp_args=-g1 -fprofile-update=atomic"]),
    Run("asan", ["-Db_sanitize=address,undefined", "-Dcpp_args=-g1 -fno-sanitize-recover=all"],
        without=["tidy", "tutorial"], timeout_factor=3,
        environment={
            "BV_SEEDS": "10",  # of each kind of storm that strikes a replicated group: they take 18 times as long
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_init_order=1",
            "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}/lsan.supp:print_suppressions=0",
            "UBSAN_OPTIONS": f"print_stacktrace=1:suppressions={SUPPRESSIONS}/ubsan.supp",
        }),
    Run("tsan", ["-Db_sanitize=thread", "-Dcpp_args=-g1"],
        suites=["storage", "actors/runtime", "sagas/engine", "protocols/http", "protocols/cluster", "e2e"], without=["several_nodes"],
        timeout_factor=6,
        environment={"TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:history_size=4:"
                                     f"suppressions={SUPPRESSIONS}/tsan.supp"}),
]


class Tally:
    passed = failed = skipped = 0

    def add(self, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped


def say(text):
    print(f"== {text}", flush=True)


def call(command, **options):
    return subprocess.run([str(c) for c in command], cwd=ROOT, **options)


def configure(run):
    """Sets the folder up, or again if it was made with other options."""
    options = COMMON + run.options
    environment = {"CXX_LD": "mold", **os.environ}
    stamp = run.folder / "bv-options"
    wanted = "\n".join(options + [environment["CXX_LD"]])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    command = ["meson", "setup", run.folder] + (["--wipe"] if (run.folder / "build.ninja").exists() else []) + options
    done = call(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"meson setup of {run.folder.name} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    stamp.write_text(wanted)


def introspect(run, what):
    done = call(["meson", "introspect", run.folder, f"--{what}"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def suites_of(test):
    return [suite.rpartition(":")[2] for suite in test["suite"]]


def selected(run):
    for test in introspect(run, "tests"):
        suites = suites_of(test)
        if (not run.suites or set(suites) & set(run.suites)) and not set(suites) & set(run.without):
            yield test


def build(run, jobs):
    targets = []
    if run.suites:
        files = {target["id"]: target["filename"] for target in introspect(run, "targets")}
        wanted = {name for test in selected(run) for target in test["depends"] for name in files[target]}
        targets = [os.path.relpath(name, run.folder) for name in sorted(wanted)]
    return call(["ninja", "-C", run.folder, "-j", jobs, "--quiet", *targets]).returncode == 0


def cases_of(entry):
    """(passed, failed, skipped) test cases of one Meson test, as doctest or unittest counted them."""
    output = entry.get("stdout", "") + entry.get("stderr", "")
    succeeded = entry["result"] in ("OK", "EXPECTEDFAIL")
    if entry["result"] == "SKIP":
        return 0, 0, 1
    if found := re.search(r"\[doctest\] test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed", output):
        passed, failed = int(found.group(2)), int(found.group(3))
    elif found := re.search(r"^Ran (\d+) tests? in", output, re.M):
        counts = {word: int(n) for word, n in re.findall(r"(failures|errors|skipped)=(\d+)", output)}
        failed = counts.get("failures", 0) + counts.get("errors", 0)
        skipped = counts.get("skipped", 0)
        passed = int(found.group(1)) - failed - skipped
        return passed, failed or (0 if succeeded else 1), skipped
    else:
        passed, failed = (1, 0) if succeeded else (0, 1)
    return passed, failed or (0 if succeeded else 1), 0


def run_tests(run, jobs, tally):
    names = [test["name"] for test in selected(run)]
    if not names:
        say(f"{run.name}: no tests")
        return tally.add(0, 1)
    command = ["meson", "test", "-C", run.folder, "--no-rebuild", "--num-processes", jobs, "--print-errorlogs",
               "--timeout-multiplier", run.timeout_factor, "--no-stdsplit"]
    for suite in run.suites:
        command += ["--suite", suite]
    for suite in run.without:
        command += ["--no-suite", suite]
    log = run.folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    for counters in run.folder.rglob("*.gcda"):
        if "capnpc-bv.p" not in counters.parts:  # the generator runs while building
            counters.unlink()
    status = call(command, env={**os.environ, **run.environment, "BV_RUN": run.name}).returncode
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    before = tally.failed
    for entry in entries:
        tally.add(*cases_of(entry))
    if len(entries) != len(names) or (status and tally.failed == before):
        say(f"{run.name}: {len(entries)} of {len(names)} tests reported, meson ended with {status}")
        tally.add(0, 1)


def check_coverage(run, tally):
    summary = run.folder / "coverage.json"
    command = ["gcovr", "--root", ROOT, "-j", "2", "--json-summary", summary, "--exclude-unreachable-branches",
               "--exclude-throw-branches"]
    for folder in COVERED_FOLDERS:
        command += ["--filter", f"{ROOT}/{folder}/"]
    done = call(command + [run.folder], capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-2000:])
        return tally.add(0, 1)
    report = json.loads(summary.read_text())
    by_folder = {}
    for entry in report["files"]:
        parts = entry["filename"].split("/")
        folder = "/".join(parts[:1] if parts[0] in ("storage", "sim") else parts[:2])
        covered, total = by_folder.get(folder, (0, 0))
        by_folder[folder] = (covered + entry["line_covered"], total + entry["line_total"])
    for folder, (covered, total) in sorted(by_folder.items()):
        print(f"   {folder:24} {covered:6} of {total:6} lines  {100 * covered / max(total, 1):5.1f} %")
    percent = report["line_percent"]
    enough = percent >= COVERAGE_PERCENT_MIN
    say(f"coverage: {percent:.1f} % of {report['line_total']} lines"
        + ("" if enough else f", and at least {COVERAGE_PERCENT_MIN:.0f} % are required"))
    tally.add(*((1, 0) if enough else (0, 1)))


def perform(run, jobs, tally, coverage):
    began = time.monotonic()
    configure(run)
    if not build(run, jobs):
        say(f"{run.name}: the build failed")
        return tally.add(0, 1)
    built = time.monotonic()
    before = (tally.passed, tally.failed, tally.skipped)
    run_tests(run, jobs, tally)
    passed, failed, skipped = (now - then for now, then in zip((tally.passed, tally.failed, tally.skipped), before))
    say(f"{run.name}: {passed} passed, {failed} failed, {skipped} skipped; "
        f"built in {built - began:.0f} s, run in {time.monotonic() - built:.0f} s")
    if coverage:
        check_coverage(run, tally)


def main():
    parser = argparse.ArgumentParser(prog="tools/test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the plain run only, without coverage")
    parser.add_argument("--run", action="append", choices=[run.name for run in RUNS], help="only this run (repeatable)")
    parser.add_argument("--without", action="append", default=[], metavar="SUITE", help="not this suite (repeatable)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="default: the cores there are")
    options = parser.parse_args()
    began = time.monotonic()
    tally = Tally()
    for run in RUNS:
        if (options.run and run.name not in options.run) or (options.quick and run.name != "plain"):
            continue
        run.without += options.without
        say(f"{run.name}: building in {run.folder.name}/")
        perform(run, options.jobs, tally, coverage=run.name == "plain" and not options.quick)
    say(f"{time.monotonic() - began:.0f} s in all, {tally.skipped} skipped")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
