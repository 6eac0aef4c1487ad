"""`bv sim record` against a real node: a saga is recorded while the node runs and from its files when it does not, and what
is recorded runs in the simulator as it did there."""
import json
import subprocess
import threading
import unittest
from pathlib import Path

from bv_node import Node, binary, eventually, temporary_folder
from shop import Client, events_of, saga_ended


def bv(*arguments, code=0):
    done = subprocess.run([binary(), "sim", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"bv sim {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class record_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, **settings):
        node = Node(self.folder / "node", settings)
        self.addCleanup(node.close)
        node.start()
        serving = threading.Event()
        serving.set()
        client = Client(node, serving)
        self.addCleanup(client.close)
        return node, client

    def order(self, node, user, sku="MUG-1", quantity=1):
        """Puts something into the cart and checks out; the order's id."""
        added = node.request("POST", "/api/cart/items", {"sku": sku, "quantity": quantity}, user, f"{user}-add")
        self.assertTrue(added.ok, added.body)
        made = node.request("POST", "/api/orders", {}, user, f"{user}-order")
        self.assertEqual(made.status, 202, made.body)
        return made.headers["location"].rpartition("/")[2]

    def wait_for(self, client, order, ended="completed"):
        saga = eventually("the checkout ends", lambda: saga_ended(client, order), 90)
        self.assertEqual(saga["status"], ended)
        return saga

    def record(self, *source, saga, name, code=0):
        file = self.folder / name
        said = bv("record", "--saga", saga, *source, "--out", file, code=code)
        return file, said

    def replay(self, file, *names):
        said = bv("run", file, "--timeline", "--out", self.folder).stdout
        self.assertRegex(said.splitlines()[-1], "^verdict ok ")
        for name in names:
            self.assertIn(name, said)
        return said

    def test_a_delivered_order_is_recorded_alike_from_the_node_and_from_its_files(self):
        node, client = self.start()
        order = self.order(node, "ada", quantity=2)
        self.wait_for(client, order)
        for step, body in (("ship", {"trackingCode": "1Z999AA10123456784"}), ("deliver", {})):
            done = node.request("POST", f"/api/orders/{order}/{step}", body, "warehouse", f"{order}-{step}")
            self.assertTrue(done.ok, done.body)
        saga = f"checkout-{order}"
        running, said = self.record("--connect", f"http://127.0.0.1:{node.port}", saga=saga, name="running.toml")
        self.assertIn(f"bv sim run {running}", said.stdout)
        self.assertEqual(said.stderr, "")
        in_use = bv("record", "--saga", saga, "--data-dir", self.folder / "node/data", code=1).stderr
        self.assertIn("data_dir_locked", in_use)
        self.assertIn("--connect", in_use)
        self.assertEqual(node.stop(), 0)

        stopped, said = self.record("--data-dir", self.folder / "node/data", saga=saga, name="stopped.toml")
        self.assertEqual(running.read_text(), stopped.read_text())
        timeline = self.replay(stopped, f"saga/{saga}", f"order/{order}", "stepDone", "completed", "shipped", "delivered")
        self.assertIn("addItem cart/ada", timeline)
        page = self.folder / "page.html"
        bv("run", stopped, "--trace", page)
        self.assertIn(saga, page.read_text())

    def test_a_processor_that_fails_and_dawdles_does_so_again(self):
        node, client = self.start(BV_PAYMENTS_FAIL_PERCENT=100, BV_PAYMENTS_APPROVE_PERCENT=100, BV_PAYMENTS_ANSWER_AFTER_MS=300)
        order = self.order(node, "eve")
        self.wait_for(client, order)
        saga = f"checkout-{order}"
        events = [name for name, _ in events_of(client, "saga", saga)]
        self.assertEqual(events.count("attempt_failed"), 2)
        file, _ = self.record("--connect", f"127.0.0.1:{node.port}", saga=saga, name="dawdling.toml")
        text = file.read_text()
        self.assertIn('behaviour = "fail"', text)
        timeline = self.replay(file, "attemptFailed", "completed")
        self.assertEqual(timeline.count(" attemptFailed"), 2)

    def test_a_refund_that_customers_asked_for_is_made_again(self):
        node, client = self.start()
        order = self.order(node, "ben")
        self.wait_for(client, order)
        asked = node.request("POST", f"/api/orders/{order}/refund", {"reason": "arrived broken"}, "ben", "ben-refund")
        self.assertEqual(asked.status, 202, asked.body)
        eventually("the money is back", lambda: client.get(f"/api/orders/{order}", "ben").json["status"] == "refunded")
        [row] = eventually("the saga is listed",
                           lambda: client.get("/api/sagas?definition=refund-order&status=completed").json["items"])
        running, _ = self.record("--connect", f"http://127.0.0.1:{node.port}", saga=row["id"], name="refund.toml")
        self.assertEqual(node.stop(), 0)
        stopped, _ = self.record("--data-dir", self.folder / "node/data", saga=row["id"], name="refund-stopped.toml")
        self.assertEqual(running.read_text(), stopped.read_text())
        self.replay(stopped, "requestRefund order/", f"saga/refund-order-{order}~", "refunded")

    def test_a_saga_that_still_runs_is_recorded_as_far_as_it_is_known(self):
        node, client = self.start(BV_PAYMENTS_HANG_PERCENT=100)
        order = self.order(node, "dan")
        saga = f"checkout-{order}"
        eventually("it waits for the processor",
                   lambda: "attempt_failed" in [name for name, _ in events_of(client, "saga", saga)])
        said = json.loads(bv("record", "--saga", saga, "--connect", f"http://127.0.0.1:{node.port}", "--json").stdout)
        self.assertTrue(said["unfinished"])
        file = self.folder / "unfinished.toml"
        file.write_text(said["scenario"])
        self.assertIn('path = "steps.0.status"', said["scenario"])
        self.replay(file, "attemptFailed")

    def test_what_is_not_there_is_said_with_what_may_be_meant(self):
        node, client = self.start()
        order = self.order(node, "zoe")
        self.wait_for(client, order)
        here = f"http://127.0.0.1:{node.port}"
        said = bv("record", "--saga", order, "--connect", here, code=1).stderr
        self.assertIn(f'did you mean "checkout-{order}"?', said)
        eventually("the list of sagas knows it",
                   lambda: client.get("/api/sagas").json["items"])
        self.assertIn(f'did you mean "checkout-{order}"?', bv("record", "--saga", f"chekout-{order}", "--connect", here, code=1).stderr)
        self.assertEqual(node.stop(), 0)
        files = self.folder / "node/data"
        self.assertIn(f'did you mean "checkout-{order}"?', bv("record", "--saga", f"checkout-{order}x", "--data-dir", files, code=1).stderr)
        self.assertIn("--shards", bv("record", "--saga", "x", "--data-dir", files, "--shards", "4", code=2).stderr)
        self.assertIn("connect_failed", bv("record", "--saga", "x", "--connect", here, code=1).stderr)
        nothing = self.folder / "nothing"
        self.assertIn("data_dir_missing", bv("record", "--saga", "x", "--data-dir", nothing, code=2).stderr)
        self.assertFalse(nothing.exists())
        nothing.mkdir()
        self.assertIn("data_dir_unknown", bv("record", "--saga", "x", "--data-dir", nothing, code=2).stderr)
        self.assertEqual(list(nothing.iterdir()), [])
        bv("record", "--saga", "x", code=2)
        bv("record", "--saga", "x", "--data-dir", files, "--connect", here, code=2)


if __name__ == "__main__":
    unittest.main()
