"""Three real `bv node` processes that form one cluster over TLS, and shoppers that turn to another node when one does not
answer. What a shopper was told must be in its cart's history: each item once, in its order."""
import random
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bv_node import Node, Unreachable, binary, eventually, pause

NAMES = ("a", "b", "c")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def admin(*arguments):
    subprocess.run([binary(), "admin", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Cluster:
    def __init__(self, folder, shards=8, names=NAMES, program=None):
        self.folder, self.shards, self.replicas = Path(folder), shards, len(names)
        self.program = program
        admin("ca", "init", "--folder", self.folder / "ca")
        ports = dict(zip(names, free_ports(len(names))))
        self.seeds = ",".join(f"127.0.0.1:{port}" for port in ports.values())
        self.nodes = {name: self.node(name, port, sample_data=name == names[0]) for name, port in ports.items()}

    def node(self, name, port, sample_data=False):
        admin("ca", "issue", "--ca", self.folder / "ca", "--node", name, "--out", self.folder / "certs")
        return Node(self.folder / name, {
            "BV_NODE_ID": name, "BV_CLUSTER_LISTEN": f"127.0.0.1:{port}", "BV_CLUSTER_SEEDS": self.seeds,
            "BV_CLUSTER_SHARDS": self.shards, "BV_CLUSTER_REPLICAS": self.replicas,
            "BV_CLUSTER_CERTIFICATE": self.folder / "certs" / f"{name}.crt",
            "BV_CLUSTER_KEY": self.folder / "certs" / f"{name}.key", "BV_CLUSTER_AUTHORITY": self.folder / "ca" / "ca.crt",
            "BV_NODE_SAMPLE_DATA": "true" if sample_data else "false"}, program=self.program)

    def newcomer(self, name):
        """One that is no seed; it is not among the nodes yet."""
        return self.node(name, free_ports(1)[0])

    def start(self):
        for node in self.nodes.values():
            node.spawn()
        for node in self.nodes.values():
            node.wait_until_ready()
        self.nodes["a"].wait_for_sample_data()
        # Whoever leads a cart's shard looks into its own catalogue.
        products = "/api/catalog/products?limit=100"
        count = self.nodes["a"].count_of(products)
        for name, node in self.nodes.items():
            eventually(f"node {name} knows {count} products", lambda: node.count_of(products) == count, 60)
        return self

    def close(self):
        for node in self.nodes.values():
            node.close()

    def leaders(self, seen_by):
        return [shard["leader"] for shard in self.nodes[seen_by].request("GET", "/api/cluster").json["shards"]]

    def feature_levels(self):
        return {name: node.request("GET", "/api/cluster").json["featureLevel"] for name, node in self.nodes.items()}

    def revive(self, name):
        self.nodes[name].spawn()
        self.nodes[name].wait_until_ready()


@dataclass
class Told:
    """One shopper: what it was told to be in its cart, and when."""
    name: str
    skus: list = field(default_factory=list)
    unanswered: str = ""
    answered_at: list = field(default_factory=list)
    refusals: dict = field(default_factory=dict)


class Shoppers:
    """Threads that put one item after the other into carts of their own, at any node, until each is answered."""
    SKUS = ("MUG-1", "MUG-2", "BAG-35", "CANDLE-1")
    ITEMS_MAX = 40  # then the next cart: at most ten of an item

    def __init__(self, cluster, count=6, seed=1):
        self.cluster, self.seed = cluster, seed
        self.carts, self.failures, self.lock, self.stopping = [], [], threading.Lock(), False
        self.threads = [threading.Thread(target=self.work, args=(i,), daemon=True) for i in range(count)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def work(self, worker):
        chance = random.Random(self.seed * 100 + worker)
        number = 0
        try:
            while not self.stopping:
                number += 1
                told = Told(f"s{self.seed}-{worker}-{number}")
                with self.lock:
                    self.carts.append(told)
                for item in range(self.ITEMS_MAX):
                    if self.stopping or not self.put(chance, told, self.SKUS[item % len(self.SKUS)], item):
                        return
        except Exception as fault:
            self.failures.append(f"worker {worker}: {fault!r}")

    def put(self, chance, told, sku, item):
        told.unanswered = sku
        nodes = list(self.cluster.nodes.values())
        turn = chance.randrange(len(nodes))
        while not self.stopping:
            node = nodes[turn % len(nodes)]
            turn += 1
            try:
                answer = node.request("POST", "/api/cart/items", {"sku": sku, "quantity": 1}, told.name, f"{told.name}-{item}",
                                      timeout_s=5)
            except Unreachable:
                self.count(told, "unreachable")
                pause(0.02)
                continue
            if answer.ok:
                told.skus.append(sku)
                told.unanswered = ""
                told.answered_at.append(time.monotonic())
                return True
            assert answer.status in (429, 503, 504), f"{answer.status}: {answer.body}"
            assert "retry-after" in answer.headers, answer.headers
            self.count(told, answer.json["code"])
            pause(0.02)
        return False

    def count(self, told, what):
        told.refusals[what] = told.refusals.get(what, 0) + 1

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(30)
        assert not self.failures, self.failures

    def answered(self):
        with self.lock:
            return sum(len(one.skus) for one in self.carts)

    def refusals(self):
        all_of_them = {}
        for one in self.carts:
            for what, count in one.refusals.items():
                all_of_them[what] = all_of_them.get(what, 0) + count
        return all_of_them

    def check(self, node):
        """Every cart's history at this node is what its shopper was told; the one item without an answer may be there."""
        for told in self.carts:
            events = node.request("GET", f"/api/actors/cart/{told.name}/events?limit=1000")
            assert events.ok or (events.status == 404 and not told.skus), events.body
            seen = [event["payload"]["line"]["sku"] for event in events.json.get("items", [])]
            allowed = [told.skus] + ([told.skus + [told.unanswered]] if told.unanswered else [])
            assert seen in allowed, f"{told.name}: was told {told.skus} and then asked for {told.unanswered!r}, has {seen}"


def longest_gap_s(times):
    times = sorted(times)
    return max((after - before for before, after in zip(times, times[1:])), default=0.0)


def at_rest(cluster):
    """All nodes have taken in the same."""
    def look():
        ends = [[shard["lastOffset"] for shard in node.request("GET", "/api/cluster").json["shards"]]
                for node in cluster.nodes.values()]
        return all(one == ends[0] for one in ends)
    eventually("all nodes have the same events", look)
