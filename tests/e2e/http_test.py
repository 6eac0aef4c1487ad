"""HTTP as curl, a client that we did not write, sees it: the demo's order, conditional requests, problems, streams."""
import json
import subprocess
import unittest
from pathlib import Path

from bv_node import ROOT, Node, temporary_folder

STREAM_TIMEOUT_S = 30  # of a whole stream; curl then ends it, and who still waits fails


class Stream:
    """Server-sent events as curl takes them in: each message a dict of its fields, `data` parsed."""

    def __init__(self, url, *options):
        self.process = subprocess.Popen(["curl", "--silent", "--no-buffer", "--max-time", str(STREAM_TIMEOUT_S), *options, url],
                                        stdout=subprocess.PIPE, text=True)

    def next_message(self):
        message = {}
        for line in self.process.stdout:
            name, _, value = line.rstrip("\n").partition(":")
            if name:
                message[name] = value.strip()
            elif line == "\n" and message:
                return {**message, "data": json.loads(message["data"])} if "data" in message else message
        raise AssertionError(f"the stream ended, curl with {self.process.wait()}, after {message}")

    def next_event_of(self, cart):
        while True:
            message = self.next_message()
            if "data" in message and message["data"]["partitionKey"] == f"cart/{cart}":
                return message

    def close(self):
        self.process.kill()
        self.process.communicate()


class http_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary_folder()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.node = Node(Path(cls.folder.name))
        cls.addClassCleanup(cls.node.close)
        cls.node.start()
        cls.url = f"http://127.0.0.1:{cls.node.port}"

    def curl(self, path, *options, user="curl"):
        """(status, headers, body)"""
        done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "20", "--include",
                               "--header", f"X-User-Id: {user}", *options, self.url + path],
                              capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, body

    def post(self, path, body, *options, user="curl"):
        return self.curl(path, "--header", "Content-Type: application/json", "--data", json.dumps(body), *options, user=user)

    def test_the_demo_delivers_an_order(self):
        done = subprocess.run([ROOT / "tools" / "demo", self.url], capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout.splitlines()[-1], r"^order \S+ is DELIVERED$")
        self.assertIn("✓", done.stdout)

    def test_a_state_that_the_client_has_is_not_sent_again(self):
        status, headers, body = self.curl("/api/inventory/MUG-2")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["sku"], "MUG-2")
        status, again, body = self.curl("/api/inventory/MUG-2", "--header", f"If-None-Match: {headers['etag']}")
        self.assertEqual((status, body), (304, b""))
        self.assertEqual(again["etag"], headers["etag"])

    def test_a_command_on_a_version_that_is_gone_is_refused(self):
        self.assertEqual(self.post("/api/cart/items", {"sku": "MUG-2", "quantity": 1}, user="if-match")[0], 200)
        etag = self.curl("/api/cart", user="if-match")[1]["etag"]
        change = {"quantity": 2}
        put = ("--request", "PUT", "--header", f"If-Match: {etag}")
        self.assertEqual(self.post("/api/cart/items/MUG-2", change, *put, user="if-match")[0], 200)
        status, headers, body = self.post("/api/cart/items/MUG-2", change, *put, user="if-match")
        self.assertEqual(status, 412)
        self.assertEqual(headers["content-type"], "application/problem+json")
        self.assertTrue(json.loads(body)["code"])

    def test_an_idempotency_key_gets_the_first_answer_again(self):
        key = ("--header", "Idempotency-Key: twice")
        first = self.post("/api/cart/items", {"sku": "PEN-1", "quantity": 3}, *key, user="twice")
        again = self.post("/api/cart/items", {"sku": "PEN-1", "quantity": 3}, *key, user="twice")
        self.assertEqual((first[0], first[2]), (again[0], again[2]))
        lines = json.loads(self.curl("/api/cart", user="twice")[2])["lines"]
        self.assertEqual([line["quantity"] for line in lines], [3])
        other = self.post("/api/cart/items", {"sku": "PEN-1", "quantity": 4}, *key, user="twice")
        self.assertIn(other[0], (409, 422))

    def test_problems_name_the_place(self):
        for body in ('{"sku": "PEN-1", "quantity": 11}', '{"sku": "PEN-1", "quantity": "2"}', '{"sku": "PEN-1", "qty": 2}',
                     '{"sku": "PEN-1", '):
            status, headers, answer = self.curl("/api/cart/items", "--header", "Content-Type: application/json",
                                                "--data", body)
            self.assertIn(status, (400, 422), body)
            self.assertEqual(headers["content-type"], "application/problem+json")
            self.assertTrue(json.loads(answer)["code"])

    def test_an_unknown_path_and_a_wrong_method_are_told(self):
        self.assertEqual(self.curl("/api/nothing")[0], 404)
        status, headers, _ = self.curl("/api/cart/items", "--request", "PATCH")
        self.assertEqual(status, 405)
        self.assertIn("POST", headers["allow"])

    def stream(self, query, *options):
        stream = Stream(self.url + f"/api/events/stream?type=cart{query}", *options)
        self.addCleanup(stream.close)
        return stream

    def add_to_cart(self, user, sku):
        self.assertEqual(self.post("/api/cart/items", {"sku": sku, "quantity": 1}, user=user)[0], 200)

    def test_a_stream_brings_what_is_committed_while_it_is_open(self):
        self.add_to_cart("live", "INK-1")
        live = self.stream("")
        live.next_message()  # the greeting: from here on the stream is open
        for number in range(3):
            self.add_to_cart("live", f"NOTE-A{4 + number % 2}")
        seen = [live.next_event_of("live") for _ in range(3)]
        self.assertEqual([event["event"] for event in seen], ["ecommerce.cart.item_added.v1"] * 3)
        self.assertEqual([event["data"]["payload"]["line"]["sku"] for event in seen], ["NOTE-A4", "NOTE-A5", "NOTE-A4"])

    def test_a_stream_catches_up_from_where_the_client_was(self):
        skus = ["MUG-1", "MUG-2", "PEN-1"]
        for sku in skus:
            self.add_to_cart("late", sku)
        from_the_beginning = self.stream("&after=")
        seen = [from_the_beginning.next_event_of("late") for _ in skus]
        self.assertEqual([event["data"]["payload"]["line"]["sku"] for event in seen], skus)
        # A client that was cut off comes back with the last id that it saw, in the query or in the header.
        for back in (self.stream(f"&after={seen[0]['id']}"), self.stream("", "--header", f"Last-Event-ID: {seen[0]['id']}")):
            again = [back.next_event_of("late") for _ in skus[1:]]
            self.assertEqual(again, seen[1:])
        self.add_to_cart("late", "INK-1")
        self.assertEqual(from_the_beginning.next_event_of("late")["data"]["payload"]["line"]["sku"], "INK-1")

    def test_openapi_describes_the_resources_and_the_page_is_served(self):
        status, _, body = self.curl("/openapi.json")
        self.assertEqual(status, 200)
        described = json.loads(body)
        self.assertTrue(described["openapi"].startswith("3.1"))
        for path in ("/api/cart/items", "/api/orders/{id}", "/api/catalog/products"):
            self.assertIn(path, described["paths"])
        status, headers, _ = self.curl("/docs", "--location")
        self.assertEqual(status, 200)


if __name__ == "__main__":
    unittest.main()
