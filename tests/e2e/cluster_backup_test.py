"""A cluster of three over TLS is backed up while it sells, destroyed, and restored: on one machine, from which the others are filled.
What was acknowledged before the backup began is there at every node; the old cluster and the new one have nothing to do with each other."""
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from backup_test import Shop, admin, all_events, said
from bv_node import ROOT, Node, binary, eventually, temporary_folder
from cluster import NAMES, Cluster, at_rest, free_ports
from shop import Client

TIMEOUT_S = 240


class cluster_backup_test(unittest.TestCase):
    def setUp(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.cluster = Cluster(self.folder, shards=4)
        self.addCleanup(self.cluster.close)
        self.nodes = self.cluster.nodes

    def data(self, name):
        return self.nodes[name].folder / "data"

    def destroy(self):
        for name, node in self.nodes.items():
            if node.process.poll() is None:
                node.kill()
            shutil.rmtree(self.data(name))

    def start(self):
        for node in self.nodes.values():
            node.spawn()
        for node in self.nodes.values():
            node.wait_until_ready()

    def founded(self, name):
        return json.loads((self.data(name) / "cluster.json").read_text())["cluster"]

    def check(self, acknowledged, settled):
        for name, node in self.nodes.items():
            with node.connect() as connection:
                for order, user in acknowledged.items():
                    # What follows an event that came back may have to happen anew.
                    eventually(f"order {order}, acknowledged before the backup, is at {name}",
                               lambda: connection.request("GET", f"/api/sagas/checkout-{order}").ok)
                    if order in settled:
                        self.assertEqual(connection.request("GET", f"/api/orders/{order}", user=user).json, settled[order], name)
                orders = {row["id"] for row in self.listed(connection, sorted(settled.values(), key=str)[0]["customer"])}
                self.assertTrue(orders, f"the read models of {name} are empty")

    def listed(self, connection, user):
        return connection.request("GET", "/api/orders/me", user=user).json["items"]

    def test_a_selling_cluster_is_backed_up_destroyed_and_restored_on_one_of_its_machines(self):
        self.cluster.start()
        shop = Shop(self.nodes["a"])
        shop.stock()
        shop.open()
        with Client(self.nodes["b"], shop.serving) as client:
            shop.wait_for(10)
            early, early_settled = shop.seen()
            # A node's cursor is a moment only as far as the logs of all shards have come there: what came back with it is what was
            # written before the first batch that the node did not have. So these orders are older than that.
            shop.wait_for(len(shop.settled) + 10)
            early_events, point = all_events(client)
            begun, _ = shop.seen()
            # The node that is asked was away until now, and has to get what it lacks first.
            self.nodes["c"].kill()
            shop.wait_for(len(shop.settled) + 5)
            self.nodes["c"].spawn()
            eventually("it can be asked", lambda: (self.data("c") / "admin.sock").exists() and self.nodes["c"].find_port())
            acknowledged, settled = shop.seen()
            made = said("--data-dir", self.data("c"), "backup", "--to", self.folder / "backup")
            shop.wait_for(len(shop.settled) + 5)
            shop.close()
        old = self.founded("a")["id"]
        self.destroy()

        # Over the old cluster's folders, on another node than was asked.
        restored = said("restore", "--from", self.folder / "backup", "--data-dir", self.data("b"))
        self.assertEqual(restored["events"], made["events"])
        self.start()
        self.assertEqual({self.founded(name)["id"] for name in NAMES} & {old}, set())
        self.assertEqual(len({self.founded(name)["history"] for name in NAMES}), 1)
        self.check(acknowledged, settled)
        again = Shop(self.nodes["c"])
        again.prices = shop.prices
        again.open()
        again.wait_for(5)
        again.close()
        at_rest(self.cluster)
        eventually("the shards are led by all again", lambda: set(self.cluster.leaders("a")) == set(NAMES))
        self.check(again.seen()[0], again.seen()[1])

        # A point before, and one node that dies while the others are being filled.
        self.destroy()
        restored = said("restore", "--from", self.folder / "backup", "--data-dir", self.data("a"), "--through", point)
        self.assertLessEqual(restored["events"], len(early_events))
        self.assertGreater(restored["events_left_out"], 0)
        for node in self.nodes.values():
            node.spawn()
        eventually("the cluster is founded", lambda: all((self.data(name) / "cluster.json").exists() for name in NAMES))
        self.nodes["a"].kill()
        self.nodes["a"].spawn()
        for node in self.nodes.values():
            node.wait_until_ready()
        self.check(early, early_settled)
        unknown = sorted(set(acknowledged) - set(begun))[-1]
        self.assertEqual(self.nodes["b"].request("GET", f"/api/orders/{unknown}", user=acknowledged[unknown]).status, 404)

    def test_a_minority_backs_nothing_up_unless_it_is_told_to(self):
        self.cluster.start()
        put = self.nodes["a"].request("POST", "/api/cart/items", {"sku": "MUG-1", "quantity": 1}, "ada", "k1")
        self.assertTrue(put.ok, put.body)
        at_rest(self.cluster)
        self.nodes["b"].kill()
        self.nodes["c"].kill()
        made = said("--data-dir", self.data("a"), "backup", "--to", self.folder / "salvage", "--as-is")
        refused = admin("--data-dir", self.data("a"), "backup", "--to", self.folder / "none", code=1).stderr
        self.assertIn("not_level", refused)
        self.assertFalse((self.folder / "none").exists())
        # What it had is a cluster's beginning all the same.
        self.destroy()
        self.assertEqual(said("restore", "--from", self.folder / "salvage", "--data-dir", self.data("c"))["events"], made["events"])
        self.start()
        self.assertEqual(self.nodes["b"].request("GET", "/api/cart", user="ada").json["lines"][0]["quantity"], 1)

    def test_what_is_restored_in_the_wrong_place_founds_nothing_and_says_why(self):
        self.cluster.start()
        said("--data-dir", self.data("a"), "backup", "--to", self.folder / "backup")
        # Beside nodes of the old cluster that still run.
        self.nodes["c"].kill()
        shutil.rmtree(self.data("c"))
        said("restore", "--from", self.folder / "backup", "--data-dir", self.data("c"))
        self.assertIn("stop the old cluster", self.refused("c"))
        # On two machines.
        for name in ("a", "b"):
            self.nodes[name].kill()
            shutil.rmtree(self.data(name))
        said("restore", "--from", self.folder / "backup", "--data-dir", self.data("b"))
        self.nodes["a"].spawn()
        self.nodes["b"].spawn()
        self.nodes["c"].spawn()
        # Whoever sees the other first ends, and maybe before the other has seen it.
        ended = eventually("one of them ends", lambda: [one for one in ("b", "c") if self.nodes[one].process.poll() is not None])
        for name in ended:
            self.assertEqual(self.nodes[name].process.returncode, 1)
            self.assertIn("histories_differ", self.nodes[name].log)
        for name in ("b", "c"):
            if name not in ended:
                self.nodes[name].kill()
        shutil.rmtree(self.data("c"))
        self.nodes["b"].spawn()
        self.nodes["c"].spawn()
        for node in self.nodes.values():
            node.wait_until_ready()

    def refused(self, name):
        self.nodes[name].spawn()
        self.assertEqual(self.nodes[name].process.wait(60), 1)
        return self.nodes[name].log

    def test_the_drill_of_the_guide_runs_as_it_stands(self):
        guide = (ROOT / "docs/operations.md").read_text()
        drill = guide.partition("**Drill of a cluster.**")[2].partition("```sh\n")[2].partition("```")[0]
        ports = free_ports(6)
        here = {"/tmp/drill": self.folder / "drill", "build/bv": binary(), "deploy/examples": self.folder}
        here |= {f"127.0.0.1:{port}": f"127.0.0.1:{ports[i]}" for i, port in enumerate((8081, 8082, 8083))}
        for there, it in here.items():
            self.assertIn(there, drill)
            drill = drill.replace(there, str(it))
        seeds = ",".join(f"127.0.0.1:{port}" for port in ports[3:])
        (self.folder / "drill").mkdir()
        # The examples' addresses are taken by whoever runs them on this machine.
        given = f"export BV_CLUSTER_SEEDS={seeds}\n"
        for i, name in enumerate(NAMES):
            self.example(name, f"127.0.0.1:{ports[i]}", f"127.0.0.1:{ports[3 + i]}")
        done = subprocess.run(["bash", "-e", "-o", "pipefail"], input=given + drill + "wait\n", capture_output=True, text=True,
                              timeout=TIMEOUT_S, cwd=self.folder / "drill")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        cart = json.loads(done.stdout.strip().splitlines()[-1])
        self.assertEqual([(line["sku"], line["quantity"]) for line in cart["lines"]], [("MUG-1", 2)])

    def example(self, name, http, links):
        text = (ROOT / f"deploy/examples/cluster-{name}.toml").read_text()
        path = self.folder / f"cluster-{name}.toml"
        lines = []
        section = ""
        for line in text.splitlines():
            section = line if line.startswith("[") else section
            if line.startswith("listen"):
                line = f'listen = "{http if section.startswith("[http]") else links}"'
            lines.append(line)
        path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
