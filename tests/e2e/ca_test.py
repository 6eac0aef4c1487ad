"""`bv admin ca` as an operator uses it, looked at with the openssl program."""
import json
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from bv_node import binary


def ca(*arguments, code=0):
    done = subprocess.run([binary(), "admin", "ca", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"bv admin ca {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


class Authority(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.ca, self.out = self.folder / "ca", self.folder / "certs"

    def issue(self, name, *more):
        said = ca("issue", "--ca", self.ca, "--node", name, "--out", self.out, *more, "--json").stdout
        return json.loads(said)

    def test_from_an_authority_to_a_renewed_certificate(self):
        made = json.loads(ca("init", "--folder", self.ca, "--name", "shop", "--days", 1000, "--json").stdout)
        self.assertEqual((made["role"], made["subject"], made["certificate"]), ("ca", "shop", str(self.ca / "ca.crt")))
        self.assertEqual(stat.S_IMODE((self.ca / "ca.key").stat().st_mode), 0o600)

        issued = self.issue("node-a", "--host", "a.example", "--host", "10.0.0.1", "--days", 30)
        self.assertEqual(issued["names"], ["node-a", "a.example"])
        self.assertEqual(issued["addresses"], ["10.0.0.1"])
        self.assertEqual((issued["role"], issued["issuer"], issued["expired"]), ("node", "shop", False))
        self.assertEqual(stat.S_IMODE(Path(issued["key"]).stat().st_mode), 0o600)
        self.assertIn(": OK", openssl("verify", "-x509_strict", "-CAfile", self.ca / "ca.crt", issued["certificate"]))
        names = openssl("x509", "-noout", "-ext", "subjectAltName", "-in", issued["certificate"])
        self.assertIn("DNS:node-a, DNS:a.example, IP Address:10.0.0.1, URI:bv://role/node", names)

        key = Path(issued["key"]).read_text()
        renewed = json.loads(ca("renew", "--ca", self.ca, "--certificate", issued["certificate"], "--days", 60, "--json").stdout)
        self.assertEqual(Path(issued["key"]).read_text(), key)
        self.assertEqual(renewed["names"], issued["names"])
        self.assertGreater(renewed["not_after"], issued["not_after"])
        ca("renew", "--ca", self.ca, "--certificate", issued["certificate"], "--new-key")
        self.assertNotEqual(Path(issued["key"]).read_text(), key)

    def test_show_prints_every_certificate_for_people_and_as_json(self):
        ca("init", "--folder", self.ca)
        self.issue("a")
        self.issue("repl", "--role", "client")
        files = [self.ca / "ca.crt", self.out / "a.crt", self.out / "repl.crt"]
        shown = [json.loads(line) for line in ca("show", *files, "--json").stdout.splitlines()]
        self.assertEqual([(one["file"], one["role"]) for one in shown], list(zip(map(str, files), ["ca", "node", "client"])))
        text = ca("show", self.out / "a.crt").stdout
        for part in ["role         node", "names        a", "364 days left", shown[1]["fingerprint"]]:
            self.assertIn(part, text)

    def test_what_goes_wrong_is_said_with_its_file_and_exit_code(self):
        ca("init", "--folder", self.ca)
        self.issue("a")
        again = ca("issue", "--ca", self.ca, "--node", "a", "--out", self.out, code=1)
        self.assertIn(str(self.out / "a.crt"), again.stderr)
        self.assertIn("file_exists", again.stderr)
        self.assertIn("file_exists", ca("init", "--folder", self.ca, code=1).stderr)
        missing = ca("show", self.folder / "none.crt", "--json", code=1)
        self.assertEqual(json.loads(missing.stderr)["error"]["context"], str(self.folder / "none.crt"))
        for arguments in [["issue", "--ca", self.ca, "--node", "a b", "--out", self.out],
                          ["issue", "--ca", self.ca, "--node", "b", "--out", self.out, "--role", "king"],
                          ["issue", "--ca", self.ca, "--node", "b", "--out", self.out, "--days", "0"],
                          ["issue", "--ca", self.ca, "--node", "b"], ["renew"], ["show"], ["burn"], []]:
            ca(*arguments, code=2)


if __name__ == "__main__":
    unittest.main()
