"""The tutorial is true: its blocks, applied to a copy of the tree, give a coupon that is tested, described in OpenAPI and
served over HTTP. Builds a tree of its own, without optimization; ccache makes the second time quick."""
import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from bv_node import ROOT, Node, temporary_folder

BLOCK = re.compile(r'^```\w+ (file|insert)=(\S+)(?: after="([^"]+)")?\n(.*?)^```$', re.M | re.S)
BUILD_TIMEOUT_S = 1500


def copy_tree(target):
    kept = shutil.ignore_patterns("build*", ".git", ".bv", "node_modules", "__pycache__")
    shutil.copytree(ROOT, target, ignore=kept, symlinks=True)


def apply_blocks(tree):
    applied = []
    for kind, name, after, text in BLOCK.findall((ROOT / "docs" / "tutorial-aggregate.md").read_text()):
        path = tree / name
        if kind == "file":
            assert not path.exists(), f"{name} is there already"
            path.write_text(text)
        else:
            before = path.read_text()
            assert before.count(after + "\n") == 1, f"'{after}' is not once in {name}"
            path.write_text(before.replace(after + "\n", f"{after}\n{text}"))
        applied.append((kind, path.suffix))
    return sorted(applied)


class tutorial_test(unittest.TestCase):
    def run_in(self, tree, *command):
        done = subprocess.run([str(c) for c in command], cwd=tree, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
        return done.stdout

    def test_the_tutorial_makes_a_coupon(self):
        folder = temporary_folder()
        self.addCleanup(folder.cleanup)
        tree = Path(folder.name) / "tree"
        copy_tree(tree)
        self.assertEqual(apply_blocks(tree), [("file", ".capnp"), ("file", ".cpp"), ("file", ".cpp"), ("insert", ".build")],
                         "one contract, one source file, one test, one line")
        self.run_in(tree, tree / "tools" / "tidy", "--root", tree)
        self.run_in(tree, "meson", "setup", "build", "-Dbuildtype=plain", "-Doptimization=0", "-Dwerror=true")
        self.run_in(tree, "ninja", "-C", "build", "bv", "tests/actors/commerce/commerce_test")
        told = self.run_in(tree, "build/tests/actors/commerce/commerce_test", "--test-case=coupon*")
        self.assertRegex(told, r"test cases:\s+3 \|\s+3 passed")

        os.environ["BV_BINARY"] = str(tree / "build" / "bv")
        node = Node(Path(folder.name) / "node")
        self.addCleanup(node.close)
        node.start()
        described = node.request("GET", "/openapi.json").json
        self.assertEqual(sorted(described["paths"]["/api/coupons/{id}"]), ["get", "put"])
        self.assertIn("/api/coupons/{id}/redemptions", described["paths"])
        self.assertEqual(node.request("PUT", "/api/coupons/SPRING", {"percent": 10, "uses": 1}, key="a").status, 201)
        refused = node.request("PUT", "/api/coupons/AUTUMN", {"percent": 91, "uses": 1})
        self.assertEqual(refused.status, 400, refused.body)
        self.assertIn("percent", json.dumps(refused.json))
        path = "/api/coupons/SPRING/redemptions"
        self.assertEqual(node.request("POST", path, {"orderId": "order-1"}, key="b").status, 201)
        self.assertEqual(node.request("POST", path, {"orderId": "order-2"}, key="c").json["code"], "coupon_used_up")
        self.assertEqual(node.stop(), 0)
        node.start()
        seen = node.request("GET", "/api/coupons/SPRING").json
        self.assertEqual((seen["percent"], seen["usesLeft"]), (10, 0))


if __name__ == "__main__":
    unittest.main()
