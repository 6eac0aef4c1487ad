"""`bv admin backup`, `restore` and `verify` against a real node that sells meanwhile: what was acknowledged before a backup began
comes back, at its end or at an earlier point, and what is damaged does not."""
import json
import os
import random
import shutil
import signal
import socket
import stat
import subprocess
import threading
import unittest
from pathlib import Path

from bv_node import ROOT, Node, binary, eventually, temporary_folder
from shop import Client, Command, audit, products, wait_for_saga, wait_until_no_saga_runs

WORKERS = 4
PRICE_MAX, ORDER_MINIMUM = 60_00, 10_00
STOCK_PER_PRODUCT = 100_000
TIMEOUT_S = 120


def admin(*arguments, code=0):
    done = subprocess.run([binary(), "admin", *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == code, f"bv admin {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def said(*arguments):
    return json.loads(admin(*arguments, "--json").stdout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def all_events(client, after=""):
    """Every event from a cursor to the end, and the cursor there."""
    events = []
    while True:
        page = client.get(f"/api/events?limit=1000&after={after}").json
        events += page["items"]
        after = page["cursor"]
        if page["atEnd"]:
            return events, after


class Shop:
    """Customers who buy without a pause; `settled` has each order whose saga ended, as it then was, and is not touched again."""

    def __init__(self, node):
        self.node, self.serving, self.lock = node, threading.Event(), threading.Lock()
        self.stopping, self.failures = False, []
        self.acknowledged, self.settled = {}, {}
        self.serving.set()

    def stock(self):
        with Client(self.node, self.serving) as client:
            self.prices = {p["sku"]: p["price"] for p in products(client) if ORDER_MINIMUM / 2 <= p["price"] <= PRICE_MAX}
            self.received = {}
            for sku in sorted(self.prices):
                answer = client.request(Command("POST", f"/api/inventory/{sku}/receipts", {"quantity": STOCK_PER_PRODUCT},
                                                "keeper", f"stock-{sku}"))
                assert answer.ok, answer.body
            for row in client.get("/api/inventory?limit=200").json["items"]:
                self.received[row["sku"]] = client.get(f"/api/inventory/{row['sku']}").json["received"]

    def open(self):
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def close(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(TIMEOUT_S)
        assert not self.failures, self.failures

    def work(self, worker):
        chance = random.Random(worker)
        try:
            with Client(self.node, self.serving) as client:
                number = 0
                while not self.stopping:
                    number += 1
                    self.buy(client, f"w{worker}-{number}", chance.choice(sorted(self.prices)), chance.randint(2, 4))
        except Exception as fault:  # told by the main thread
            self.failures.append(f"worker {worker}: {fault!r}")

    def buy(self, client, user, sku, quantity):
        added = client.request(Command("POST", "/api/cart/items", {"sku": sku, "quantity": quantity}, user, f"{user}-add"))
        assert added.ok, added.body
        made = client.request(Command("POST", "/api/orders", {}, user, f"{user}-order"))
        assert made.ok, made.body
        order = made.headers["location"].rpartition("/")[2]
        with self.lock:
            self.acknowledged[order] = user
        wait_for_saga(client, order)
        state = client.get(f"/api/orders/{order}", user).json
        with self.lock:
            self.settled[order] = state

    def wait_for(self, count):
        eventually(f"{count} orders are settled", lambda: self.failures or len(self.settled) >= count, TIMEOUT_S)
        assert not self.failures, self.failures

    def seen(self):
        with self.lock:
            return dict(self.acknowledged), dict(self.settled)


class backup_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, name="node", **settings):
        node = Node(self.folder / name, settings)
        self.addCleanup(node.close)
        return node.start()

    def check_orders(self, client, acknowledged, settled):
        for order, user in acknowledged.items():
            answer = client.get(f"/api/orders/{order}", user)
            saga = client.get(f"/api/sagas/checkout-{order}")
            self.assertTrue(saga.ok, f"order {order} was acknowledged before the backup")
            if order in settled:
                self.assertEqual(answer.json, settled[order])

    def check_books(self, node, shop, client):
        """Sagas that were under way come to their ends, and stock and money add up, in the read models too."""
        wait_until_no_saga_runs(client)
        orders, after = set(), ""
        while True:
            page = client.get(f"/api/sagas?definition=checkout&limit=100{after}").json
            orders |= {row["id"].removeprefix("checkout-") for row in page["items"]}
            if "nextCursor" not in page:
                break
            after = f"&cursor={page['nextCursor']}"
        self.assertEqual(audit(client, orders, shop.received).problems, [])
        eventually("the stock view agrees with the shelves", node.shelves_agree)
        return orders

    def test_a_selling_node_is_backed_up_destroyed_and_restored_to_its_end_and_to_a_point(self):
        node = self.start()
        data, backup = node.folder / "data", self.folder / "backup"
        shop = Shop(node)
        shop.stock()
        with Client(node, shop.serving) as client:
            shop.open()
            shop.wait_for(15)
            early, early_settled = shop.seen()
            shop.wait_for(18)
            early_events, point = all_events(client)
            shop.wait_for(30)
            acknowledged, settled = shop.seen()
            made = said("--data-dir", data, "backup", "--to", backup)
            late = {order for order in shop.seen()[0]} - set(acknowledged)
            shop.wait_for(len(shop.settled) + 10)
            self.assertIn("backup_folder_not_empty", admin("--data-dir", data, "backup", "--to", backup, code=1).stderr)
            shop.close()
            last, _ = shop.seen()
            whole, _ = all_events(client)
        self.assertGreater(made["events"], len(early_events))
        self.assertLess(made["events"], len(whole))
        node.kill()
        shutil.rmtree(data)

        # The end of the backup.
        self.assertEqual(said("verify", "--from", backup)["events"], made["events"])
        restored = said("restore", "--from", backup, "--data-dir", data)
        self.assertEqual((restored["events"], restored["events_left_out"]), (made["events"], 0))
        self.assertEqual(restored["cursor"], made["cursor"])
        node.start()
        with Client(node, shop.serving) as client:
            self.check_orders(client, acknowledged, settled)
            events, _ = all_events(client)
            kept = {event["eventId"]: event for event in events}
            for event in early_events:
                self.assertEqual(kept[event["eventId"]], event)
            self.assertGreaterEqual(len(events), made["events"])
            orders = self.check_books(node, shop, client)
            self.assertLessEqual(orders, set(last))
            self.assertLessEqual(orders - set(acknowledged), late)
            shop.buy(client, "after", sorted(shop.prices)[0], 2)
        self.assertEqual(node.stop(), 0)

        # The point before.
        elsewhere = self.folder / "point"
        restored = said("restore", "--from", backup, "--data-dir", elsewhere / "data", "--through", point)
        # Shards were read one after the other while customers bought: what comes back is the moment when the first had been.
        self.assertLessEqual(restored["events"], len(early_events))
        self.assertEqual(restored["events_left_out"], made["events"] - restored["events"])
        node = Node(elsewhere, stocked=True)
        self.addCleanup(node.close)
        node.start()
        with Client(node, shop.serving) as client:
            self.check_orders(client, early, early_settled)
            events, _ = all_events(client)
            there = {event["eventId"]: event for event in events}
            # What is sold from here on has the ids of what is left out, but not its content.
            self.assertEqual(sum(there.get(event["eventId"]) == event for event in early_events), restored["events"])
            self.assertLessEqual(self.check_books(node, shop, client), set(acknowledged) | set(early))
            unknown = sorted(set(last) - set(acknowledged))[0]
            self.assertEqual(client.get(f"/api/orders/{unknown}", last[unknown]).status, 404)
        self.assertEqual(node.stop(), 0)

        # A moment: the last that was written before the point is at or before it.
        moment = max(event["occurredAt"] for event in early_events)
        until = said("restore", "--from", backup, "--until", moment, "--verify-only")
        self.assertGreater(until["events"], 0)
        self.assertLess(until["events"], made["events"])
        self.check_damage(backup)

    def check_damage(self, backup):
        victim = max((backup / "log").iterdir(), key=lambda path: path.stat().st_size)
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        os.unlink(victim)
        victim.write_bytes(data)
        for command in (("verify", "--from", backup), ("restore", "--from", backup, "--data-dir", self.folder / "none")):
            refused = admin(*command, code=1).stderr
            self.assertIn("backup_damaged", refused)
            self.assertIn(f"log/{victim.name}", refused)
        self.assertFalse((self.folder / "none").exists())

    def test_the_socket_is_its_owners_alone_and_is_made_anew_after_a_crash(self):
        node = self.start()
        place = node.folder / "data" / "admin.sock"
        self.assertTrue(stat.S_ISSOCK(place.stat().st_mode))
        self.assertEqual(stat.S_IMODE(place.stat().st_mode), 0o600)
        self.assertEqual(node.request("GET", "/api/admin").status, 404)
        self.assertEqual(node.request("POST", "/api/admin/backup", {"to": "/tmp/never"}).status, 404)
        node.kill()
        self.assertTrue(place.exists())
        self.assertIn("no_node", admin("--data-dir", node.folder / "data", "backup", "--to", self.folder / "b", code=1).stderr)
        node.start()
        admin("--data-dir", node.folder / "data", "backup", "--to", self.folder / "b")
        self.assertEqual(node.stop(), 0)
        self.assertFalse(place.exists())

    def test_a_node_is_named_by_its_config_too(self):
        node = self.start()
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_dir = "{node.folder / "data"}"\n')
        text = admin("--config", config, "backup", "--to", self.folder / "b").stdout
        self.assertIn(f"backup in {self.folder / 'b'}: 16 shards", text)
        self.assertIn("broken.toml:1", admin("--config", self.write("broken.toml", "["), "backup", "--to", "x", code=2).stderr)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_the_drill_of_the_guide_runs_as_it_stands(self):
        guide = (ROOT / "docs/operations.md").read_text()
        drill = guide.partition("**Drill.**")[2].partition("```sh\n")[2].partition("```")[0]
        address = f"127.0.0.1:{free_port()}"
        for there, here in (("/tmp/drill", self.folder / "drill"), ("127.0.0.1:8080", address), ("build/bv", binary())):
            self.assertIn(there, drill)
            drill = drill.replace(there, str(here))
        (self.folder / "drill").mkdir()
        done = subprocess.run(["bash", "-e", "-o", "pipefail"], input=drill + "wait $node\n", capture_output=True, text=True,
                              timeout=TIMEOUT_S, env={**os.environ, "BV_HTTP_LISTEN": address})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        cart = json.loads(done.stdout.rpartition('{"status":"ready"}')[2])
        self.assertEqual([(line["sku"], line["quantity"]) for line in cart["lines"]], [("MUG-1", 2)])

    def test_what_is_asked_wrongly_is_a_usage_error(self):
        for arguments in ((), ("backup",), ("restore", "--data-dir", "x"), ("restore", "--from", "x"), ("verify",),
                          ("backup", "--to", "x", "--rate-mb", "0"),
                          ("restore", "--from", "x", "--data-dir", "y", "--until", "now"),
                          ("restore", "--from", "x", "--data-dir", "y", "--until", "2026-11-21T08:00:00Z", "--through", "A")):
            admin(*arguments, code=2)
        self.assertIn("not_a_backup", admin("verify", "--from", self.folder, code=1).stderr)

    def slow_backup(self, node, target):
        """A backup that has begun and takes seconds."""
        with node.connect() as connection:
            for number in range(600):
                product = {"sku": f"BIG-{number}", "name": "big", "description": "x" * 4000, "category": "ballast",
                           "price": {"minor": 100, "currency": "USD"}, "initialStock": 1}
                answer = connection.request("POST", "/api/catalog/products", product, "keeper", f"big-{number}")
                self.assertTrue(answer.ok, answer.body)
        client = subprocess.Popen([binary(), "admin", "--data-dir", node.folder / "data", "backup", "--to", target, "--rate-mb", "1"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(client.communicate)
        self.assertIn("copy", client.stderr.readline())
        return client

    def test_an_operator_who_goes_away_ends_his_backup(self):
        node, target = self.start(), self.folder / "b"
        client = self.slow_backup(node, target)
        again = admin("--data-dir", node.folder / "data", "backup", "--to", self.folder / "other", code=1).stderr
        self.assertIn("already_running", again)
        client.send_signal(signal.SIGINT)
        client.wait(TIMEOUT_S)
        eventually("nothing is left of it", lambda: not target.exists())
        self.assertFalse((self.folder / "other").exists())
        admin("--data-dir", node.folder / "data", "backup", "--to", target)
        admin("verify", "--from", target)

    def test_a_node_that_stops_ends_a_backup_and_says_so(self):
        node, target = self.start(), self.folder / "b"
        client = self.slow_backup(node, target)
        self.assertEqual(node.stop(), 0)
        _, told = client.communicate(timeout=TIMEOUT_S)
        self.assertEqual(client.returncode, 1)
        self.assertIn("cancelled", told)
        self.assertFalse(target.exists())


if __name__ == "__main__":
    unittest.main()
