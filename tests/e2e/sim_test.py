"""`bv sim` as people use it. The same seed gives the same run in every process and every build: the hashes of a few runs
are kept in tests/sim/known_hashes.json, and the plain and the sanitized builds must all come to them. When a change alters
what happens in a run on purpose, refresh them:

    BV_BINARY=build/bv python3 tests/e2e/sim_test.py --refresh
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from bv_node import binary

KNOWN = Path(__file__).parent.parent / "sim" / "known_hashes.json"
REGRESSIONS = KNOWN.parent / "regressions"
KNOWN_SEEDS = "1..2"
FRESH_SEEDS = 20

WRONG_EXPECTATION = """
name = "wrong"
seeds = "5"
[phases]
chaos = "20s"
[[shelf]]
sku = "MUG"
stock = 5
[workload]
users = 6
[[fault]]
do = "crash"
every = "1s..3s"
[[client]]
name = "ada"
steps = [ { ask = "cart/ada", command = "addItem", body = '{"sku": "MUG", "quantity": 2}' } ]
[[expect]]
entity = "cart/ada"
path = "lines.0.quantity"
in = [3]
"""


def sim(*arguments, code=0, timeout=600):
    done = subprocess.run([binary(), "sim", *arguments], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == code, f"bv sim {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def verdicts(*arguments):
    """By seed: what `--json` says of it."""
    return {said["seed"]: said for said in map(json.loads, sim("run", *arguments, "--json").stdout.splitlines())}


def hashes(scenario, seeds):
    return {str(seed): said["hash"] for seed, said in verdicts(scenario, "--seeds", seeds).items()}


def shipped():
    return [one["name"] for one in json.loads(sim("list", "--json").stdout)]


class sim_test(unittest.TestCase):
    def test_every_shipped_scenario_ends_as_it_says_and_as_it_did_before(self):
        known = json.loads(KNOWN.read_text())
        self.assertEqual(sorted(known), sorted(shipped()))
        self.assertGreaterEqual(len(known), 12)
        for scenario in known:
            with self.subTest(scenario):
                self.assertEqual(hashes(scenario, KNOWN_SEEDS), known[scenario],
                                 "another run than the one that is known; see the head of this file")

    def test_two_processes_see_the_same_run(self):
        self.assertEqual(hashes("swarm", "3..8"), hashes("swarm", "3..8"))

    def test_real_files_give_the_same_run_as_memory(self):
        for seeds in ("1..4", "171"):  # in the last one a process has something to say after its end
            memory, rocks = verdicts("swarm", "--seeds", seeds), verdicts("swarm", "--seeds", seeds, "--tier", "rocks")
            for seed in memory:
                for key in ("hash", "digest", "verdict"):
                    self.assertEqual(memory[seed][key], rocks[seed][key], (seed, key))

    def test_seeds_that_nobody_has_seen_before(self):
        first = int(time.time())
        print(f"fresh seeds of swarm: {first}..{first + FRESH_SEEDS - 1}", flush=True)
        for seed, said in verdicts("swarm", "--seeds", f"{first}..{first + FRESH_SEEDS - 1}").items():
            self.assertEqual(said["verdict"], "ok", (seed, said["violations"]))

    def test_what_was_found_once_stays_mended(self):
        found = sorted(REGRESSIONS.glob("*.toml"))
        self.assertGreaterEqual(len(found), 5)
        for scenario in found:
            with self.subTest(scenario.stem):
                sim("run", str(scenario), "--no-shrink")

    def test_the_last_line_of_a_run_is_its_verdict(self):
        said = sim("run", "happy_path", "--seed", "7").stdout.splitlines()
        self.assertRegex(said[-1], r"^verdict ok seed 7 hash [0-9a-f]{32}$")

    def test_a_failure_is_told_shrunk_drawn_and_replayed(self):
        with tempfile.TemporaryDirectory(prefix="bv-sim-") as folder:
            scenario, page = Path(folder, "wrong.toml"), Path(folder, "page.html")
            scenario.write_text(WRONG_EXPECTATION)
            said = sim("run", str(scenario), "--out", folder, "--trace", str(page), code=1).stdout
            self.assertRegex(said.splitlines()[-1], r"^verdict failed seed 5 hash [0-9a-f]{32}$")
            self.assertIn("expected: cart/ada lines.0.quantity is 2 at the end, not 3", said)
            self.assertIn(f"replay: bv sim run {scenario} --seed 5", said)
            self.assertIn("<!doctype html>", page.read_text().lower())
            smaller = Path(folder, "wrong-seed5.toml")
            self.assertNotIn("crash", smaller.read_text(), "no crash is needed for it")
            # It expects its violation: whoever replays it sees that it still fails.
            again = sim("run", str(smaller)).stdout
            self.assertRegex(again.splitlines()[-1], r"^verdict failed seed 5 hash [0-9a-f]{32}$")

    def test_what_is_wrong_with_a_file_is_said_with_its_place(self):
        with tempfile.TemporaryDirectory(prefix="bv-sim-") as folder:
            file = Path(folder, "bad.toml")
            file.write_text('name = "bad"\n[netwrok]\nloss_percent = 5\n')
            for command in (["check", str(file)], ["run", str(file)]):
                said = sim(*command, code=2).stderr
                self.assertIn(f"{file}:2", said)
                self.assertIn("network", said)

    def test_a_name_that_is_none_is_a_usage_error_that_names_the_nearest(self):
        self.assertIn("happy_path", sim("run", "hapy_path", code=2).stderr)

    def test_a_build_without_mutants_says_how_to_make_one(self):
        self.assertIn("-Dmutants=true", sim("mutants", code=2).stderr)
        self.assertIn("-Dmutants=true", sim("run", "happy_path", "--plant", "cart-not-emptied", code=2).stderr)


def refresh():
    KNOWN.write_text(json.dumps({scenario: hashes(scenario, KNOWN_SEEDS) for scenario in shipped()}, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--refresh"]:
        sys.exit(refresh())
    unittest.main()
