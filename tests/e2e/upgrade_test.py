"""Nodes of two versions as one cluster: each is drained, and started again as the next version, under load."""
import unittest

from bv_node import binary, earlier_binary, eventually, temporary_folder
from cluster import NAMES, Cluster, Shoppers, at_rest


class upgrade_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.cluster = Cluster(folder.name, program=earlier_binary())
        self.addCleanup(self.cluster.close)
        self.cluster.start()
        self.nodes = self.cluster.nodes

    def restart(self, shoppers, name, program):
        before = shoppers.answered()
        self.assertEqual(self.nodes[name].stop(), 0)
        eventually("the others go on", lambda: shoppers.answered() > before + 20)
        self.nodes[name].program = program
        self.cluster.revive(name)

    def test_one_node_after_the_other_becomes_the_next_version_and_no_shopper_fails(self):
        shoppers = Shoppers(self.cluster).start()
        for name in NAMES:
            self.assertEqual(set(self.cluster.feature_levels().values()), {1}, "one of them understands no more")
            self.restart(shoppers, name, binary())
        shoppers.stop()
        at_rest(self.cluster)
        for node in self.nodes.values():
            shoppers.check(node)
        print(f"{self.id()}: {shoppers.answered()} answers, on the way {shoppers.refusals()}", flush=True)
        self.assertNotIn("link_lost", shoppers.refusals())

    def test_once_all_understand_more_the_version_before_is_kept_away_and_told_why(self):
        for name in NAMES:
            self.assertEqual(self.nodes[name].stop(), 0)
            self.nodes[name].program = binary()
            self.cluster.revive(name)
        eventually("all know that all understand more", lambda: set(self.cluster.feature_levels().values()) == {2})
        self.assertEqual(self.nodes["c"].stop(), 0)
        self.nodes["c"].program = earlier_binary()
        self.nodes["c"].spawn()
        # Also at the end that was started: it need not be the one whose log an operator looks at.
        for name in NAMES:
            eventually(f"{name} says why", lambda: "start a newer version on" in self.nodes[name].log)
        put = self.nodes["a"].request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "ada", "k1")
        self.assertTrue(put.ok, put.body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
