"""The shop as its clients see it, and the audit of its books: shared by the end-to-end tests."""
import threading
from dataclasses import dataclass, field

from bv_node import Unreachable, eventually

SAGA_TIMEOUT_S = 90
# Answers that say that nothing is decided yet: the same request has to be sent again.
UNDECIDED = {429, 503, 504}


@dataclass
class Command:
    """One request with an idempotency key; `answer` is what was acknowledged."""
    method: str
    path: str
    body: object
    user: str
    key: str
    answer: object = None
    tries: int = 0


def send(connection, command, headers=None):
    return connection.request(command.method, command.path, command.body, command.user, command.key, headers)


class Client:
    """A client that survives the node: what was left without an answer is sent again, with the same key, once
    `serving` is set."""

    def __init__(self, node, serving, stop_after_s=120):
        self.node, self.serving, self.stop_after_s = node, serving, stop_after_s
        self.connection = None

    def request(self, command):
        while True:
            if not self.serving.wait(self.stop_after_s):
                raise AssertionError("the node did not come back")
            command.tries += 1
            try:
                if self.connection is None:
                    self.connection = self.node.connect()
                answer = send(self.connection, command)
            except Unreachable:
                self.connection = None
                threading.Event().wait(0.01)  # the process may be dead before anybody says so
                continue
            if answer.status in UNDECIDED:
                threading.Event().wait(0.02)
                continue
            return answer

    def get(self, path, user=None):
        return self.request(Command("GET", path, None, user, None))

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def products(client):
    found = eventually("the catalogue is there", lambda: client.get("/api/catalog/products?limit=100").json["items"])
    return [{"id": p["id"], "sku": p["sku"], "price": p["price"]["minor"]} for p in found]


def events_of(client, kind, name):
    """All events of an entity, oldest first: (type without domain and version, payload)."""
    events = []
    while True:
        answer = client.get(f"/api/actors/{kind}/{name}/events?after={len(events)}&limit=1000")
        if answer.status == 404:
            return events
        page = answer.json["items"]
        if not page:
            return events
        events += [(event["eventType"].split(".")[2], event["payload"]) for event in page]


def saga_ended(client, order):
    """The checkout saga of an order once it has ended, else None."""
    answer = client.get(f"/api/sagas/checkout-{order}")
    if answer.status == 404:
        return None
    assert answer.ok, (answer.status, answer.body)
    return answer.json if answer.json["status"] not in ("running", "compensating") else None


def wait_for_saga(client, order):
    return eventually(f"the saga of order {order} ends", lambda: saga_ended(client, order), SAGA_TIMEOUT_S)


def wait_until_no_saga_runs(client):
    """Sagas end although nobody looks at them: only a list is read, for a look at one of them would wake it."""
    def nothing(status):
        page = client.get(f"/api/sagas?status={status}&limit=1").json
        return not page["items"] and "nextCursor" not in page and not page["lag"]

    eventually("every saga ends by itself", lambda: nothing("running") and nothing("compensating"), SAGA_TIMEOUT_S)


@dataclass
class Books:
    """What the orders say that stock and money must be."""
    sold: dict = field(default_factory=dict)
    earned: int = 0
    captured: int = 0
    orders: int = 0
    problems: list = field(default_factory=list)

    def check(self, fine, *words):
        if not fine:
            self.problems.append(" ".join(str(word) for word in words))


KEPT = ("paid", "shipped", "delivered")      # the shop has the money, the customer has or gets the goods
GONE = ("cancelled", "refunded")


def audit(client, orders, expected_received, reserved_by_hand=None):
    """Compares every order with its payment, and the sums with the shelves. Returns the Books with what is wrong."""
    books = Books()
    for order in sorted(orders):
        saga = wait_for_saga(client, order)
        answer = client.get(f"/api/orders/{order}", user="auditor")
        if answer.status == 404:
            books.check(saga["status"] != "completed", "order", order, "is not there but its saga completed")
            continue
        state = answer.json
        books.orders += 1
        books.check(state["status"] in KEPT + GONE, "order", order, "is", state["status"], "after its saga ended")
        payment = client.get(f"/api/payments/{state['paymentId']}", user="auditor")
        paid = payment.json if payment.ok else {"status": "none"}
        refunded = paid.get("refunded", {"minor": 0})["minor"]
        taken = paid["amount"]["minor"] - refunded if paid["status"] in ("captured", "refunded") else 0
        books.captured += taken
        if state["status"] in KEPT:
            books.earned += state["total"]["minor"]
            for line in state["lines"]:
                books.sold[line["sku"]] = books.sold.get(line["sku"], 0) + line["quantity"]
            books.check(taken == state["total"]["minor"], "order", order, "of", state["total"]["minor"], "was paid", taken)
        else:
            books.check(taken == 0, "order", order, "is", state["status"], "but", taken, "was kept")
            books.check(paid["status"] not in ("authorized", "requested"), "order", order, "is", state["status"],
                        "but its payment is", paid["status"])
    books.check(books.earned == books.captured, "earned", books.earned, "but captured", books.captured)
    for sku, received in sorted(expected_received.items()):
        shelf = client.get(f"/api/inventory/{sku}").json
        held = (reserved_by_hand or {}).get(sku, 0)
        books.check(shelf["received"] == received, sku, "received", shelf["received"], "instead of", received)
        books.check(shelf["reserved"] == held, sku, "has", shelf["reserved"], "reserved instead of", held)
        books.check(shelf["sold"] == books.sold.get(sku, 0), sku, "sold", shelf["sold"], "instead of",
                    books.sold.get(sku, 0))
        books.check(shelf["available"] >= 0 and shelf["available"] + shelf["reserved"] + shelf["sold"] == received,
                    sku, "does not add up:", shelf)
    return books
