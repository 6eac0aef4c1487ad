"""Rounds of load → kill -9 at a random moment → restart, against a real node.

Workers shop without a pause through all of it: each fills carts of its own, checks out, fulfils or cancels; what was
left without an answer is sent again with the same idempotency key. After each restart every command that was acknowledged since
the last one is sent again and must get its first answer; each cart's events must be exactly what its one shopper did, in
that order. At the end every saga must have ended, and stock and money must add up, before and after one more restart.

    tests/e2e/crash_rounds.py --rounds 50 --seed 7
"""
import argparse
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, field

from bv_node import Node, Unreachable, temporary_folder
from shop import Client, Command, audit, events_of, products, send, wait_for_saga, wait_until_no_saga_runs

WORKERS = 6
STOCK_PER_PRODUCT = 100_000
ORDER_MINIMUM = 10_00
PRICE_MAX = 60_00    # so that no cart goes beyond what an order may cost
PRODUCTS = 8         # few, so that checkouts meet on the same shelves
LOAD_S = (0.2, 1.5)  # shortest and longest time from a start to its kill


@dataclass
class Shopper:
    """What one cart's only user did, in order: the events that the cart must have."""
    name: str
    expected: list = field(default_factory=list)
    lines: dict = field(default_factory=dict)
    order: str = ""


class Rounds:
    def __init__(self, node, seed):
        self.node, self.seed = node, seed
        self.serving, self.lock = threading.Event(), threading.Lock()
        self.stopping = False
        self.acknowledged, self.shoppers, self.failures = [], [], []
        self.orders, self.held = set(), {}
        self.kills = self.resent = self.replayed = 0

    # --- Load --------------------------------------------------------------------------------------------------

    def work(self, worker):
        chance = random.Random(self.seed * 1000 + worker)
        number = 0
        try:
            with Client(self.node, self.serving) as client:
                while not self.stopping:
                    number += 1
                    self.shop(client, chance, Shopper(f"w{worker}-{number}"))
        except Exception as fault:  # told by the main thread, which also knows the seed
            self.failures.append(f"worker {worker}, shopper {number}: {fault!r}")

    def act(self, client, shopper, method, path, body=None):
        """Sends until it is acknowledged; anything but a 2xx is a failure, for only legal commands are sent."""
        command = Command(method, path, body, shopper.name, f"{shopper.name}-{len(shopper.expected)}-{path}")
        answer = client.request(command)
        if not answer.ok:
            raise AssertionError(f"{method} {path} {body}: {answer.status} {answer.body[:300]}")
        command.answer = answer
        with self.lock:
            self.acknowledged.append(command)
            self.resent += command.tries > 1
        return answer

    def shop(self, client, chance, shopper):
        with self.lock:
            self.shoppers.append(shopper)
        for _ in range(chance.randint(2, 8)):
            self.change_cart(client, chance, shopper)
        if chance.random() < 0.2:
            self.reserve_by_hand(client, chance, shopper)
        total = sum(self.prices[sku] * quantity for sku, quantity in shopper.lines.items())
        if total < ORDER_MINIMUM or chance.random() < 0.1:
            return
        order = self.act(client, shopper, "POST", "/api/orders", {}).headers["location"].rpartition("/")[2]
        shopper.expected.append(("checkout_started", order))
        shopper.order = order
        with self.lock:
            self.orders.add(order)
        if chance.random() < 0.5:
            return  # the saga goes on alone; the audit looks at it
        wait_for_saga(client, order)
        answer = client.get(f"/api/orders/{order}", shopper.name)
        if answer.ok and answer.json["status"] == "paid":
            if chance.random() < 0.3:
                self.act(client, shopper, "POST", f"/api/orders/{order}/cancel", {"reason": "changed my mind"})
            else:
                self.act(client, shopper, "POST", f"/api/orders/{order}/ship", {})
                self.act(client, shopper, "POST", f"/api/orders/{order}/deliver", {})

    def change_cart(self, client, chance, shopper):
        sku = chance.choice(self.skus)
        choice = chance.random()
        if shopper.lines and choice < 0.15:
            sku = chance.choice(sorted(shopper.lines))
            self.act(client, shopper, "DELETE", f"/api/cart/items/{sku}")
            del shopper.lines[sku]
            shopper.expected.append(("item_removed", sku))
        elif shopper.lines and choice < 0.3:
            sku = chance.choice(sorted(shopper.lines))
            quantity = shopper.lines[sku] % 10 + 1
            self.act(client, shopper, "PUT", f"/api/cart/items/{sku}", {"quantity": quantity})
            shopper.lines[sku] = quantity
            shopper.expected.append(("quantity_set", sku, quantity))
        elif shopper.lines.get(sku, 0) < 10:
            quantity = chance.randint(1, min(3, 10 - shopper.lines.get(sku, 0)))
            self.act(client, shopper, "POST", "/api/cart/items", {"sku": sku, "quantity": quantity})
            shopper.lines[sku] = shopper.lines.get(sku, 0) + quantity
            shopper.expected.append(("item_added", sku, shopper.lines[sku]))  # the line as it then is

    def reserve_by_hand(self, client, chance, shopper):
        sku, name = chance.choice(self.skus), f"hand-{shopper.name}"
        self.act(client, shopper, "POST", f"/api/inventory/{sku}/reservations", {"reservationId": name, "quantity": 2})
        self.act(client, shopper, "DELETE", f"/api/inventory/{sku}/reservations/{name}")

    # --- Checks ------------------------------------------------------------------------------------------------

    def replay(self, commands):
        """Every acknowledged command gets its first answer again, whoever asks and whatever happened since."""
        with self.node.connect() as connection:
            for command in commands:
                again = send(connection, command)
                self.replayed += 1
                if (again.status, again.json) != (command.answer.status, command.answer.json):
                    self.failures.append(f"{command.method} {command.path} key {command.key}: first "
                                         f"{command.answer.status} {command.answer.body[:200]}, again {again.status} "
                                         f"{again.body[:200]}")

    def check_cart(self, client, shopper):
        """The cart's events are what its shopper did, once each and in that order; then the saga's one word."""
        seen = []
        for kind, payload in events_of(client, "cart", shopper.name):
            line = payload.get("line", payload)
            seen.append({"checkout_started": lambda: (kind, payload["orderId"]),
                         "item_removed": lambda: (kind, line["sku"])}
                        .get(kind, lambda: (kind, line.get("sku"), line.get("quantity")))())
        ended = [event for event in seen if event[0] in ("checkout_completed", "checkout_reopened")]
        done = [event for event in seen if event not in ended]
        if done != shopper.expected or len(ended) > 1 or (shopper.order and not ended):
            self.failures.append(f"cart {shopper.name}: did {shopper.expected}, but it has {seen}")

    # --- The run -----------------------------------------------------------------------------------------------

    def prepare(self):
        self.node.start()
        self.serving.set()
        with Client(self.node, self.serving) as client:
            self.stock(client)

    def stock(self, client):
        cheap = [p for p in products(client) if p["price"] <= PRICE_MAX][:PRODUCTS]
        self.prices = {p["sku"]: p["price"] for p in cheap}
        self.skus = sorted(self.prices)
        self.received = {}
        for sku in self.skus:
            answer = client.request(Command("POST", f"/api/inventory/{sku}/receipts",
                                            {"quantity": STOCK_PER_PRODUCT}, "keeper", f"stock-{sku}"))
            assert answer.ok, (answer.status, answer.body)
            self.received[sku] = client.get(f"/api/inventory/{sku}").json["received"]

    def kill_and_restart(self):
        self.serving.clear()
        self.node.kill()
        self.kills += 1
        self.node.start()

    def run(self, rounds):
        self.prepare()
        chance = random.Random(self.seed)
        threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        for number in range(1, rounds + 1):
            time.sleep(chance.uniform(*LOAD_S))
            with self.lock:
                acknowledged, self.acknowledged = self.acknowledged, []
            self.kill_and_restart()
            with self.lock:
                acknowledged += self.acknowledged
                self.acknowledged = []
            # Every second time the workers go on meanwhile. If they always did, each round would have more to replay
            # than the one before.
            if number % 2:
                self.serving.set()
            self.replay(acknowledged)
            self.serving.set()
            print(f"round {number}: {len(acknowledged)} acknowledged commands are there; {len(self.orders)} orders so far",
                  flush=True)
            if self.failures:
                break
        self.stopping = True
        for thread in threads:
            thread.join(180)
            if thread.is_alive():
                self.failures.append("a worker did not come to an end")
        self.replay(self.acknowledged)
        with Client(self.node, self.serving) as client:
            wait_until_no_saga_runs(client)
        for look in ("before", "after"):
            with Client(self.node, self.serving) as client:
                books = audit(client, self.orders, self.received)
                for shopper in self.shoppers:
                    self.check_cart(client, shopper)
            self.failures += [f"{look} the last restart: {problem}" for problem in books.problems]
            if look == "before":
                self.kill_and_restart()
                self.serving.set()
        return books


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("BV_E2E_ROUNDS", "5")))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with temporary_folder() as folder:
        node = Node(folder)
        rounds = Rounds(node, options.seed)
        try:
            books = rounds.run(options.rounds)
            node.stop()
        finally:
            node.close()
        for failure in rounds.failures[:20]:
            print(f"FAILED: {failure}")
        if rounds.failures:
            print(f"{len(rounds.failures)} failures; the same again: {sys.argv[0]} --rounds {options.rounds} "
                  f"--seed {options.seed}\n{node.log[-2000:]}")
            return 1
        print(f"{rounds.kills} kills, {rounds.replayed} acknowledged commands each there once, {rounds.resent} sent again "
              f"after a kill, {len(rounds.shoppers)} carts, {books.orders} orders, {books.captured} cents taken: all add up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
