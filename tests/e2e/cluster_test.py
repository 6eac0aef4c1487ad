"""Three nodes as one system: killed, stopped for a while, cut down to a minority, restarted one by one."""
import random
import signal
import subprocess
import time
import unittest

from bv_node import Unreachable, binary, eventually, pause, temporary_folder
from cluster import NAMES, Cluster, Shoppers, at_rest

ROUNDS = 6


class cluster_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.cluster = Cluster(folder.name)
        self.addCleanup(self.cluster.close)
        self.cluster.start()
        self.nodes = self.cluster.nodes

    def finish(self, shoppers):
        shoppers.stop()
        at_rest(self.cluster)
        for node in self.nodes.values():
            shoppers.check(node)
        print(f"{self.id()}: {shoppers.answered()} answers, on the way {shoppers.refusals()}", flush=True)

    def test_any_node_takes_any_command_and_all_know_the_same(self):
        for number, node in enumerate(self.nodes.values()):
            put = node.request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "ada", f"k{number}")
            self.assertTrue(put.ok, put.body)
        for node in self.nodes.values():
            self.assertEqual(node.request("GET", "/api/cart", user="ada").json["lines"][0]["quantity"], 3)
        again = self.nodes["c"].request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "ada", "k0")
        self.assertEqual(again.json["version"], 1)
        eventually("each node leads some shards", lambda: set(self.cluster.leaders("b")) == set(NAMES))

    def test_nodes_that_are_killed_lose_nothing(self):
        chance = random.Random(5)
        shoppers = Shoppers(self.cluster).start()
        for _ in range(ROUNDS):
            name = chance.choice(NAMES)
            before = shoppers.answered()
            self.nodes[name].kill()
            eventually("the others go on", lambda: shoppers.answered() > before + 20)
            self.cluster.revive(name)
            pause(chance.uniform(0.1, 1.0))
        self.finish(shoppers)

    def test_a_node_that_stands_still_is_passed_over_and_comes_back(self):
        shoppers = Shoppers(self.cluster).start()
        for name in ("a", "b"):
            self.nodes[name].process.send_signal(signal.SIGSTOP)
            try:
                eventually("its shards have other leaders", lambda: name not in self.cluster.leaders("c"))
            finally:
                self.nodes[name].process.send_signal(signal.SIGCONT)
            eventually("it leads again", lambda: name in self.cluster.leaders("c"))
        self.finish(shoppers)

    def test_a_minority_says_503_quickly_and_serves_again_when_it_is_none(self):
        put = lambda key: self.nodes["c"].request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "ada", key)
        self.assertTrue(put("k1").ok)
        stale = lambda node: self.nodes[node].request("GET", "/api/cart?consistency=stale", user="ada")
        # What a majority has is committed; this one may hear of it a moment later.
        eventually("the last one knows of it", lambda: stale("c").headers["etag"] == '"1"')
        self.nodes["a"].kill()
        self.nodes["b"].kill()
        eventually("the last one knows that it is alone", lambda: set(self.cluster.leaders("c")) == {""})
        began = time.monotonic()
        refused = put("k2")
        self.assertEqual(refused.status, 503, refused.body)
        self.assertEqual(refused.json["code"], "no_leader")
        self.assertIn("retry-after", refused.headers)
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(self.nodes["c"].request("GET", "/api/cart", user="ada").status, 503)
        began = time.monotonic()
        old = stale("c")
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual((old.status, old.headers["etag"]), (200, '"1"'), old.body)
        self.assertEqual(old.json["lines"][0]["quantity"], 1)
        self.assertEqual(old.headers["bv-consistency"], "stale;leader=?0;behind=0")
        self.assertEqual(self.nodes["c"].request("GET", "/api/cart?consistency=none", user="ada").status, 400)
        self.cluster.revive("a")
        eventually("two of three serve", lambda: put("k2").ok)
        for name in ("a", "c"):
            eventually(f"{name} has what was put in meanwhile",
                       lambda: [line["quantity"] for line in stale(name).json["lines"]] == [2])
        self.assertEqual(self.nodes["a"].request("GET", "/api/cart", user="ada").json["lines"][0]["quantity"], 2)
        self.cluster.revive("b")

    def test_a_log_that_rots_while_its_node_is_down_is_mended_by_the_others(self):
        shoppers = Shoppers(self.cluster).start()
        eventually("there is something that can rot", lambda: shoppers.answered() > 300)
        self.assertEqual(self.nodes["c"].stop(), 0)
        log = self.nodes["c"].folder / "data" / "log"
        blobs = sorted(log.glob("*.blob"), key=lambda path: path.stat().st_size)
        data = bytearray(blobs[-1].read_bytes())
        for part in range(1, 6):  # in the middle, and in the last batch of a shard
            data[len(data) * part // 6] ^= 1
        data[-60] ^= 1
        blobs[-1].write_bytes(data)
        self.cluster.revive("c")
        eventually("its logs are whole", lambda: "takes part again" in self.nodes["c"].log)
        self.finish(shoppers)
        self.assertIn("bv_shards_mending 0", self.nodes["c"].request("GET", "/metrics").body.decode())
        backup = [binary(), "admin", "--data-dir", self.nodes["c"].folder / "data", "backup", "--to", self.nodes["c"].folder / "backup"]
        eventually("a backup, which reads every batch, finds them sound",
                   lambda: subprocess.run(backup, capture_output=True, timeout=120).returncode == 0)

    def test_restarted_one_by_one_no_shopper_fails(self):
        shoppers = Shoppers(self.cluster).start()
        for name in NAMES:
            before = shoppers.answered()
            self.assertEqual(self.nodes[name].stop(), 0)
            eventually("the others go on", lambda: shoppers.answered() > before + 20)
            self.cluster.revive(name)
        self.finish(shoppers)
        self.assertNotIn("link_lost", shoppers.refusals())


if __name__ == "__main__":
    unittest.main(verbosity=2)
