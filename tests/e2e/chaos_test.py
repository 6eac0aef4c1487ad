"""`bv chaos run` as an operator uses it: a bounded run with every kind of fault, what it leaves behind, and how it says no."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from bv_node import binary, eventually

RUN_TIMEOUT_S = 400
EVERY_FAULT = {"kill", "pause", "partition", "one-way", "loss", "delay", "disk-full"}


def why_no_namespaces():
    """Empty if this machine can have them."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [tool for tool in ("ip", "tc", "nft", "unshare") if not shutil.which(tool, path=path)]
    if missing:
        return f"network namespaces need {', '.join(missing)} (packages iproute2, nftables)"
    tried = subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"this machine allows no network namespaces: {tried.stderr.strip()}"


def chaos(*arguments, cwd, code=0):
    done = subprocess.run([binary(), "chaos", "run", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=RUN_TIMEOUT_S)
    assert done.returncode == code, f"bv chaos run {arguments}: exit {done.returncode}\n{done.stderr[-4000:]}\n{done.stdout[-4000:]}"
    return done


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Chaos(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, report):
        self.assertEqual(report["verdict"], "passed", report["violations"])
        self.assertEqual(report["violations"], [])
        for invariant in ("acknowledged_once", "linearizable", "never_oversold", "replicas_agree"):
            self.assertIn(invariant, report["invariants"])
        self.assertGreater(report["commands"], 100)
        self.assertGreater(report["views"], 20)
        self.assertGreater(report["records"], 100)
        self.assertIn("200", report["answers"])

    @unittest.skipIf(why_no_namespaces(), why_no_namespaces())
    def test_every_fault_in_namespaces_and_nothing_is_lost(self):
        done = chaos("--kills", 2, "--partitions", 2, "--seed", 4, "--json", "--report", "report.json", cwd=self.folder)
        report = json.loads(done.stdout)
        self.check(report)
        self.assertEqual({fault["kind"] for fault in report["faults"]}, EVERY_FAULT)
        self.assertEqual(len([one for one in report["faults"] if one["kind"] == "kill"]), 2)
        for fault in report["faults"]:
            self.assertIsNotNone(fault["well_after_s"], fault)
        self.assertEqual(json.loads((self.folder / "report.json").read_text()), report)
        # What is left is the report: no folder, no network, no mount.
        self.assertEqual([one.name for one in self.folder.iterdir()], ["report.json"])
        self.assertNotIn("bvchaos", Path("/proc/mounts").read_text())
        print(f"{self.id()}: {report['machinery']}; {report['commands'] + report['views']} operations, {report['answers']}, "
              f"silences {report['silences']}", flush=True)

    def test_on_the_loopback_nobody_needs_root(self):
        done = chaos("--network", "loopback", "--faults", "kill,pause", "--kills", 2, "--seed", 1, "--clients", 4, "--folder", "kept", cwd=self.folder)
        self.assertIn("PASSED", done.stdout)
        self.assertIn("--seed 1", done.stdout)
        for name in "abc":
            self.assertIn('"message":"serving"', (self.folder / "kept" / name / "node.log").read_text())
        again = chaos("--network", "loopback", "--folder", "kept", cwd=self.folder, code=2)
        self.assertIn("is not empty", again.stderr)

    def test_an_interrupted_run_judges_what_there_is_and_leaves_no_process(self):
        run = subprocess.Popen([binary(), "chaos", "run", "--network", "loopback", "--faults", "kill", "--seconds", "300", "--json"],
                               cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        first = run.stderr.readline() + run.stderr.readline()  # what it is, and the first fault
        nodes = eventually("its nodes run", lambda: children_of(run.pid))
        run.send_signal(signal.SIGINT)
        said, errors = run.communicate(timeout=RUN_TIMEOUT_S)
        self.assertEqual(run.returncode, 0, first + errors)
        report = json.loads(said)
        self.assertTrue(report["interrupted"])
        self.assertEqual(report["verdict"], "passed")
        for pid in nodes:
            self.assertFalse(Path(f"/proc/{pid}").exists())
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_nodes_end_with_a_run_that_is_killed(self):
        run = subprocess.Popen([binary(), "chaos", "run", "--network", "loopback", "--faults", "kill", "--seconds", "300"],
                               cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        run.stderr.readline()
        nodes = eventually("its nodes run", lambda: children_of(run.pid))
        run.kill()
        run.wait()
        eventually("they are gone", lambda: not any(Path(f"/proc/{pid}").exists() for pid in nodes))

    def test_what_makes_no_sense_is_refused(self):
        for arguments, said in ((["--faults", "earthquake"], 'no fault "earthquake"'),
                                (["--network", "loopback", "--faults", "partition"], "needs --network namespaces"),
                                (["--network", "moon"], "loopback or namespaces"),
                                (["--seconds", "5", "--kills", "3"], "either --seconds"),
                                (["--network", "loopback", "--partitions", "3"], "needs --network namespaces"),
                                (["--nodes", "2"], "--nodes")):
            self.assertIn(said, chaos(*arguments, cwd=self.folder, code=2).stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
