"""Each benchmark for a moment: it runs, its own checks hold, and it says what it promises. How fast it was is not looked at."""
import json
import subprocess
import unittest
from pathlib import Path

from bv_node import binary, temporary_folder

USAGE_ERROR = 2
SECONDS, SCALE = "0.2", "2000"
FIELDS = ["name", "value", "unit", "reference", "reference_value", "ratio", "p50_ms", "p99_ms", "cpu_us_per_op", "in_flight",
          "durability", "seed", "checks"]


class bench_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def bench(self, *arguments):
        return subprocess.run([binary(), "bench", *arguments], capture_output=True, text=True, timeout=240, cwd=self.folder)

    def names(self):
        """A wrong name lists the right ones."""
        done = self.bench("nothing")
        self.assertEqual(done.returncode, USAGE_ERROR)
        return [line.split()[0] for line in done.stderr.splitlines() if line.startswith("  ")]

    def test_each_benchmark_runs_and_says_what_it_measured(self):
        names = self.names()
        self.assertEqual(names.pop(), "all")
        done = self.bench("all", "--json", "--seconds", SECONDS, "--scale", SCALE, "--seed", "3")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([result["name"] for result in results], names)
        for result in results:
            with self.subTest(result["name"]):
                self.assertEqual(list(result), FIELDS)
                self.assertTrue(result["unit"])
                self.assertTrue(result["checks"], "what was verified is told")
                self.assertEqual((result["seed"], result["durability"]), (3, "fsync"))
                # So few carts may fit into what the heap has to spare.
                self.assertGreaterEqual(result["value"], 0)
                if result["name"] != "memory":
                    self.assertGreater(result["value"], 0)
                measured = [result[name] is not None for name in ("reference", "reference_value", "ratio")]
                self.assertIn(sum(measured), (0, 3), "a ratio names its reference")
                if result["p50_ms"] is not None:
                    self.assertLessEqual(result["p50_ms"], result["p99_ms"])
        self.assertEqual(list(self.folder.iterdir()), [], "what a run leaves behind is removed")

    def test_people_get_text(self):
        done = self.bench("latency", "--seconds", SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^latency: [0-9.]+ ms, [0-9.]+ of p50 of write")
        self.assertIn("fdatasync", done.stdout)


if __name__ == "__main__":
    unittest.main()
