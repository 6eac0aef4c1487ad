"""Every benchmark runs, checks what it did, and says it in one JSON object: a moment each, so that none can rot. What they
measure is of no interest here."""
import json
import os
import subprocess
import tempfile
import unittest

from bv_node import binary

NAMES = ["journal", "commands", "hot", "http", "latency", "checkout", "memory", "recovery", "cluster-throughput",
         "cluster-latency", "cluster-failover", "cluster-idle", "sim"]
KEYS = {"name", "value", "unit", "reference", "reference_value", "ratio", "p50_ms", "p99_ms", "cpu_us_per_op", "in_flight",
        "durability", "seed", "checks"}


def bench(*arguments):
    with tempfile.TemporaryDirectory(prefix="bv-bench-") as folder:
        done = subprocess.run([binary(), "bench", *arguments, "--folder", folder], capture_output=True, text=True, timeout=240)
        assert not os.listdir(folder), "a run leaves nothing behind"
        return done


class bench_test(unittest.TestCase):
    def test_each_says_one_object_and_what_it_checked(self):
        for name in NAMES:
            with self.subTest(name):
                done = bench(name, "--json", "--seconds", "0.2", "--scale", "2000", "--seed", "7")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                said = json.loads(done.stdout)
                self.assertEqual(set(said), KEYS)
                self.assertEqual((said["name"], said["seed"], said["durability"]), (name, 7, "fsync"))
                self.assertGreater(said["value"], 0)
                self.assertTrue(said["checks"])
                if said["reference"]:
                    self.assertAlmostEqual(said["ratio"], said["value"] / said["reference_value"], places=6)

    def test_people_get_text(self):
        done = bench("latency", "--seconds", "0.2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^latency: [0-9.]+ ms, [0-9.]+ of p50 of write \+ fdatasync")

    def test_an_unknown_one_is_a_usage_error_that_lists_them(self):
        done = bench("nothing")
        self.assertEqual(done.returncode, 2)
        for name in NAMES:
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    unittest.main()
