"""HTTP as curl, a client that we did not write, sees it: the demo's order, conditional requests, problems, streams."""
import json
import subprocess
import unittest
from pathlib import Path

from bv_node import ROOT, Node, temporary_folder


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

    def test_a_stream_brings_the_events_that_are_committed(self):
        self.post("/api/cart/items", {"sku": "INK-1", "quantity": 1}, user="streamed")
        done = subprocess.run(["curl", "--silent", "--no-buffer", "--max-time", "3", self.url + "/api/events/stream?type=cart"],
                              capture_output=True, timeout=30)
        self.assertIn("ecommerce.cart.item_added.v1", done.stdout.decode())

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
