"""A cluster that changes while people shop: a node joins, one is drained and removed, one loses its folder and is replaced."""
import json
import shutil
import subprocess
import unittest

from bv_node import binary, eventually, temporary_folder
from cluster import Cluster, Shoppers, at_rest


class members_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.cluster = Cluster(folder.name, shards=4)
        self.addCleanup(self.cluster.close)
        self.cluster.start()
        self.nodes = self.cluster.nodes

    def ask(self, at, *arguments, code=0):
        done = subprocess.run([binary(), "admin", "--data-dir", self.nodes[at].folder / "data", *arguments, "--json"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def names(self, said):
        return {one["name"]: one for one in said["nodes"]}

    def waiting(self, at):
        return {one["name"] for one in self.ask(at, "nodes")["waiting"]}

    def test_nodes_join_leave_and_are_replaced_while_people_shop(self):
        self.assertIn("not_waiting", self.ask("a", "join", "d", code=1))
        shoppers = Shoppers(self.cluster).start()
        d = self.cluster.newcomer("d")
        d.spawn()
        eventually("d waits to be let in", lambda: "d" in self.waiting("b"))
        joined = self.names(self.ask("b", "join", "d"))
        self.assertEqual(joined["d"]["votes"], 3)
        d.wait_until_ready()
        self.nodes["d"] = d

        drained = self.names(self.ask("c", "drain", "a"))
        self.assertEqual((drained["a"]["leads"], drained["a"]["votes"], drained["a"]["standing"]), (0, 0, "draining"))
        self.ask("c", "remove", "a")
        a = self.nodes.pop("a")
        self.assertEqual(a.stop(), 0)
        self.assertIn("too_few_nodes", self.ask("b", "remove", "c", code=1))

        self.nodes["c"].kill()
        shutil.rmtree(self.nodes["c"].folder / "data")
        self.nodes["c"].spawn()
        eventually("c, with an empty folder, waits to be let in", lambda: "c" in self.waiting("b"))
        replaced = self.names(self.ask("b", "replace", "c"))
        self.assertEqual(set(replaced), {"b", "c", "d"})
        self.assertEqual({one["votes"] for one in replaced.values()}, {4})
        self.nodes["c"].wait_until_ready()

        before = shoppers.answered()
        eventually("people go on shopping", lambda: shoppers.answered() > before + 20)
        shoppers.stop()
        at_rest(self.cluster)
        for node in self.nodes.values():
            shoppers.check(node)
        print(f"{self.id()}: {shoppers.answered()} answers, on the way {shoppers.refusals()}", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
