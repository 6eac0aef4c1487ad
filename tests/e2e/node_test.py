"""`bv node` as an operator meets it: config, signals, locks, a full disk."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import unittest
from pathlib import Path

from bv_node import ROOT, Node, Unreachable, binary, eventually, temporary_folder

CONFIG_ERROR, FAILURE = 2, 1


def run_bv(*arguments, **environment):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})


class node_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def node(self, **settings):
        node = Node(self.folder, settings)
        self.addCleanup(node.close)
        return node

    def put(self, connection, user, number, quantity=1):
        return connection.request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": quantity}, user, f"{user}-{number}")

    # --- Command line and config -------------------------------------------------------------------------------

    def test_the_version_is_told(self):
        done = run_bv("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^bv \d+\.\d+\.\d+\n$")

    def test_help_names_the_commands(self):
        done = run_bv("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("node", done.stdout)

    def test_a_wrong_command_line_is_a_usage_error(self):
        for arguments in ([], ["nodes"], ["node", "--confg", "x"], ["node", "--config"]):
            self.assertEqual(run_bv(*arguments).returncode, 2, arguments)

    def test_the_example_config_is_valid(self):
        done = run_bv("node", "--config", str(ROOT / "deploy/examples/single.toml"), "--check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("127.0.0.1:8080", done.stdout)

    def test_a_config_error_has_file_and_line_and_ends_with_2(self):
        path = self.folder / "broken.toml"
        path.write_text("[http]\nlisten = \"127.0.0.1:0\"\n\n[storage]\ndurabilty = \"fsync\"\n")
        for more in (["--check"], []):
            done = run_bv("node", "--config", str(path), *more)
            self.assertEqual(done.returncode, CONFIG_ERROR)
            self.assertIn(f"{path}:5: [storage] has no key \"durabilty\"; did you mean \"durability\"?", done.stderr)

    def test_a_wrong_environment_variable_ends_with_2(self):
        done = run_bv("node", "--check", BV_CLUSTER_SHARDS="many")
        self.assertEqual(done.returncode, CONFIG_ERROR)
        self.assertIn("BV_CLUSTER_SHARDS", done.stderr)

    def test_a_missing_config_file_ends_with_2(self):
        done = run_bv("node", "--config", str(self.folder / "nothing.toml"))
        self.assertEqual(done.returncode, CONFIG_ERROR)
        self.assertIn("nothing.toml", done.stderr)

    def test_a_folder_of_another_shard_count_is_refused(self):
        node = self.node(BV_CLUSTER_SHARDS=4).start()
        self.assertEqual(node.stop(), 0)
        again = run_bv("node", BV_NODE_DATA_DIR=str(self.folder / "data"), BV_HTTP_LISTEN="127.0.0.1:0",
                       BV_CLUSTER_SHARDS="5")
        self.assertEqual(again.returncode, FAILURE)
        self.assertIn("shards_changed", again.stderr)

    # --- Life --------------------------------------------------------------------------------------------------

    def test_a_second_node_on_the_folder_fails_clearly_and_the_first_goes_on(self):
        node = self.node().start()
        second = run_bv("node", BV_NODE_DATA_DIR=str(self.folder / "data"), BV_HTTP_LISTEN="127.0.0.1:0")
        self.assertEqual(second.returncode, FAILURE)
        self.assertIn("data_dir_locked", second.stderr)
        self.assertEqual(node.request("GET", "/healthz").status, 200)

    def test_a_taken_port_fails_clearly(self):
        node = self.node().start()
        second = run_bv("node", BV_NODE_DATA_DIR=str(self.folder / "other"), BV_HTTP_LISTEN=f"127.0.0.1:{node.port}")
        self.assertEqual(second.returncode, FAILURE)
        self.assertIn(str(node.port), second.stderr)

    def test_sigterm_and_sigint_stop_with_0_and_keep_everything(self):
        for number, stop in enumerate((signal.SIGTERM, signal.SIGINT)):
            node = self.node().start()
            self.assertTrue(self.put(node, f"kim{number}", 1, 2).ok)
            self.assertEqual(node.stop(stop), 0)
            node.start()
            lines = node.request("GET", "/api/cart", user=f"kim{number}").json["lines"]
            self.assertEqual([(line["sku"], line["quantity"]) for line in lines], [("MUG-1", 2)])
            self.assertEqual(node.stop(), 0)

    def test_a_drain_answers_what_was_accepted(self):
        """Clients write until the node refuses: what was acknowledged by then is there after the next start."""
        node = self.node().start()
        acknowledged, refused, lock = {}, [], threading.Lock()

        def write(user):
            with node.connect() as connection, contextlib.suppress(Unreachable):
                for number in range(10_000):
                    key, quantity = f"{user}-{number}", {"quantity": number % 10 + 1}
                    if number == 0:
                        answer = self.put(connection, user, number)
                    else:
                        answer = connection.request("PUT", "/api/cart/items/MUG-1", quantity, user, key)
                    if not answer.ok:
                        refused.append(answer)
                        return
                    with lock:
                        acknowledged[user] = answer.json["version"]

        writers = [threading.Thread(target=write, args=(f"lee{n}",)) for n in range(8)]
        for writer in writers:
            writer.start()
        eventually("the clients are at work", lambda: len(acknowledged) == 8 and min(acknowledged.values()) > 3)
        self.assertEqual(node.stop(), 0, node.log[-2000:])
        for writer in writers:
            writer.join()
        self.assertEqual({answer.status for answer in refused} - {503}, set())
        node.start()
        for user, version in acknowledged.items():
            seen = int(node.request("GET", "/api/cart", user=user).headers["etag"].strip('"'))
            # A command that was committed but whose answer the client did not get any more may add one.
            self.assertIn(seen, (version, version + 1))

    def test_not_ready_answers_503_and_ready_200(self):
        node = self.node().start()
        self.assertEqual(node.request("GET", "/readyz").status, 200)
        self.assertEqual(node.request("GET", "/healthz").status, 200)

    def test_metrics_are_prometheus_text(self):
        node = self.node().start()
        self.put(node, "ann", 1)
        answer = node.request("GET", "/metrics")
        self.assertTrue(answer.headers["content-type"].startswith("text/plain"))
        text = answer.body.decode()
        guide = (ROOT / "docs" / "operations.md").read_text()
        names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
        for name in sorted(names):
            self.assertIn(f"`{name}`", guide, "docs/operations.md lists every metric")
        self.assertIn('bv_commands_total{outcome="accepted"}', text)
        for name in ("bv_command_seconds", "bv_commit_batches", "bv_commit_seconds", "bv_entities_live", "bv_sagas_total",
                     "bv_service_queue_depth"):
            self.assertIn(name, names)

    def test_json_logs_are_json_with_levels(self):
        node = self.node().start()
        self.assertEqual(node.stop(), 0)
        lines = [json.loads(line) for line in node.log.splitlines()]
        self.assertEqual([line["message"] for line in lines if line["component"] == "node"][-2:], ["stopping", "stopped"])

    def test_a_damaged_journal_is_refused_with_its_place(self):
        node = self.node().start()
        for number in range(50):
            self.assertTrue(self.put(node, f"d{number}", 1).ok)
        node.kill()
        victim = max((self.folder / "data" / "log").glob("*.log"), key=lambda path: path.stat().st_size)
        data = bytearray(victim.read_bytes())
        middle = len(data) // 2
        data[middle:middle + 64] = bytes(byte ^ 0xFF for byte in data[middle:middle + 64])
        victim.write_bytes(data)
        again = run_bv("node", BV_NODE_DATA_DIR=str(self.folder / "data"), BV_HTTP_LISTEN="127.0.0.1:0")
        self.assertEqual(again.returncode, FAILURE)
        self.assertIn("journal_corrupt", again.stderr)


class disk_full_test(unittest.TestCase):
    """On a small file system of its own. Needs the right to mount."""

    SIZE_MB = 192
    WRITERS = 4
    PRODUCTS_PER_WRITER_MAX = 10_000
    DESCRIPTION = "x" * 4000  # as long as it may be, so that the disk is full soon

    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE_MB}m", "bv-e2e", self.folder],
                                 capture_output=True)
        if mounted.returncode:
            self.skipTest("mounting a small file system is not permitted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], capture_output=True)
        self.ballast = self.folder / "ballast"
        self.node = Node(self.folder)
        self.addCleanup(self.node.close)
        self.acknowledged, self.refusals, self.lock = {}, [], threading.Lock()

    def take_room(self, left_mb):
        left = left_mb << 20
        with open(self.ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while shutil.disk_usage(self.folder).free > left:
                file.write(bytes(4096))

    def create_products_until_refused(self, batch, writer):
        with self.node.connect() as connection:
            for number in range(self.PRODUCTS_PER_WRITER_MAX):
                sku = f"FULL-{batch}-{writer}-{number}"
                product = {"sku": sku, "name": sku, "description": self.DESCRIPTION, "category": "ballast",
                           "price": {"minor": 100, "currency": "USD"}, "initialStock": 1}
                answer = connection.request("POST", "/api/catalog/products", product, "keeper", sku)
                with self.lock:
                    if not answer.ok:
                        return self.refusals.append(answer)
                    self.acknowledged[answer.headers["location"]] = sku

    def write_until_refused(self, batch):
        self.acknowledged, self.refusals = {}, []
        writers = [threading.Thread(target=self.create_products_until_refused, args=(batch, n)) for n in range(self.WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertIsNone(self.node.process.poll(), self.node.log[-2000:])
        self.assertEqual(len(self.refusals), self.WRITERS, "the disk never was full")

    def check_refused(self):
        for refusal in self.refusals:
            self.assertEqual((refusal.status, refusal.json["code"]), (503, "disk_full"), refusal.body)
            self.assertEqual(refusal.headers["content-type"], "application/problem+json")
        self.assertEqual(self.node.request("GET", "/readyz").status, 503)
        self.assertEqual(self.node.request("GET", "/healthz").status, 200)
        self.check_products(list(self.acknowledged.items())[::50])
        # It stays refused when there is room again: only a restart knows what the disk really holds.
        self.ballast.unlink()
        late = self.node.request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "late", "late-1")
        self.assertEqual((late.status, late.json["code"]), (503, "disk_full"), late.body)

    def check_products(self, expected):
        with self.node.connect() as connection:
            for location, sku in expected:
                product = connection.request("GET", location)
                self.assertEqual(product.status, 200, f"{sku} at {location}")
                self.assertEqual((product.json["sku"], product.json["description"]), (sku, self.DESCRIPTION))

    def check_it_serves_again_with_everything(self):
        self.node.start()
        self.check_products(self.acknowledged.items())
        self.assertTrue(self.node.request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "after").ok)

    def test_a_disk_that_others_fill_is_told_and_loses_nothing(self):
        """RocksDB has reserved room for its write-ahead log: what fails first is a flush of what is derived."""
        self.node.start()
        self.take_room(left_mb=0)
        self.write_until_refused("others")
        self.check_refused()
        self.node.kill()
        self.check_it_serves_again_with_everything()

    def test_a_disk_that_the_node_fills_is_told_and_loses_nothing(self):
        """There was no room to reserve: what fails is a write of the journal."""
        self.take_room(left_mb=16)
        self.node.start()
        self.write_until_refused("itself")
        self.check_refused()
        self.node.stop()
        self.check_it_serves_again_with_everything()

    def test_a_start_on_a_full_disk_fails_clearly(self):
        self.node.start()
        self.assertEqual(self.node.stop(), 0)
        self.take_room(left_mb=0)
        again = run_bv("node", BV_NODE_DATA_DIR=str(self.folder / "data"), BV_HTTP_LISTEN="127.0.0.1:0")
        self.assertEqual(again.returncode, FAILURE, again.stderr)
        self.assertIn("disk_full", again.stderr)
        self.ballast.unlink()
        self.check_it_serves_again_with_everything()


if __name__ == "__main__":
    unittest.main()
