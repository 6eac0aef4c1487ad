"""A real `bv node` process under test: started on a free port with a folder of its own, waited for with a deadline,
talked to over HTTP, killed or stopped, its log kept."""
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60
REQUEST_TIMEOUT_S = 30


def binary():
    """The program under test: BV_BINARY, or the one of tools/quickstart."""
    path = Path(os.environ.get("BV_BINARY", ROOT / "build" / "bv"))
    if not path.exists():
        sys.exit(f"{path} is not there: build it, or name it in BV_BINARY")
    return path


def earlier_binary():
    """The program as it was one feature level ago: BV_EARLIER_BINARY, which the build makes (tests/e2e/earlier_version.cpp)."""
    path = Path(os.environ.get("BV_EARLIER_BINARY", ROOT / "build" / "tests" / "e2e" / "bv_earlier"))
    if not path.exists():
        sys.exit(f"{path} is not there: build it, or name it in BV_EARLIER_BINARY")
    return path


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def ok(self):
        return 200 <= self.status < 300


class Unreachable(Exception):
    """No whole answer came: whether the request was acted on is unknown."""


@dataclass
class Node:
    folder: Path
    settings: dict = field(default_factory=dict)
    process: subprocess.Popen = None
    port: int = 0
    starts: int = 0
    stocked: bool = False  # the sample data has been seen
    program: Path = None  # another one than the program under test

    def __post_init__(self):
        self.folder = Path(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def log_file(self):
        return self.folder / f"node-{self.starts}.log"

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def environment(self):
        settings = {"BV_NODE_DATA_DIR": self.folder / "data", "BV_HTTP_LISTEN": "127.0.0.1:0",
                    "BV_LOG_FORMAT": "json", "BV_NODE_SAMPLE_DATA": "true", **self.settings}
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("BV_NODE_", "BV_HTTP_", "BV_LOG_", "BV_STORAGE_", "BV_RUNTIME_", "BV_CLUSTER_"))}
        return {**kept, **{name: str(value) for name, value in settings.items()}}

    def spawn(self):
        self.starts += 1
        self.port = 0
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([self.program or binary(), "node"], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            cwd=self.folder, env=self.environment())

    def start(self):
        """Starts the node and waits until it is ready and, the first time, until the sample data can be used."""
        self.spawn()
        self.wait_until_ready()
        if not self.stocked and self.environment()["BV_NODE_SAMPLE_DATA"] == "true":
            self.wait_for_sample_data()
            self.stocked = True
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.log[-3000:]}")
            if not self.port:
                self.port = self.find_port()
            if self.port:
                try:
                    if self.request("GET", "/readyz", timeout_s=5).status == 200:
                        return
                except Unreachable:
                    pass
            pause(0.02)
        raise AssertionError(f"the node was not ready within {START_TIMEOUT_S} s:\n{self.log[-3000:]}")

    def wait_for_sample_data(self):
        """The node is ready before it has put the sample data in, and what is sold is stocked by a reaction and shown by
        read models: waits until each product can be found, put into a cart and reserved."""
        done = eventually("the sample data is sent", lambda: self.log_line("sample data is there"), START_TIMEOUT_S)
        assert done["failed"] == "0", done
        count = int(done["created"]) + int(done["there_already"])
        eventually(f"{count} sample products are in the read models",
                   lambda: count == self.count_of("/api/catalog/products?limit=100") == self.count_of("/api/inventory?limit=200")
                   and self.shelves_agree())

    def count_of(self, path):
        page = self.request("GET", path).json
        return 0 if page["lag"] else len(page["items"])

    def shelves_agree(self):
        """Whether the stock view has what every shelf has received."""
        for row in self.request("GET", "/api/inventory?limit=200").json["items"]:
            shelf = self.request("GET", f"/api/inventory/{row['sku']}")
            if not (shelf.ok and row["onSale"] and shelf.json["received"] == row["available"] + row["reserved"] + row["sold"]):
                return False
        return True

    def log_line(self, message):
        """The first line of the log with this message, or None. A line that is being written is not one yet."""
        for line in self.log.splitlines(keepends=True):
            if line.endswith("\n") and f'"message":"{message}"' in line:
                return json.loads(line)
        return None

    def find_port(self):
        line = self.log_line("serving")
        return int(line["address"].rpartition(":")[2]) if line else 0

    def request(self, method, path, body=None, user=None, key=None, headers=None, timeout_s=REQUEST_TIMEOUT_S):
        """One request on a connection of its own. Raises Unreachable if no whole answer came."""
        with self.connect(timeout_s) as connection:
            return connection.request(method, path, body, user, key, headers)

    def connect(self, timeout_s=REQUEST_TIMEOUT_S):
        return Connection(self.port, timeout_s)

    def kill(self):
        """Fails if the node had ended by itself, which the kill would hide."""
        code = self.process.poll()
        assert code is None, f"the node ended by itself with {code}:\n{self.log[-3000:]}"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, signal_number=signal.SIGTERM):
        """Asks the node to stop; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the node did not stop within {STOP_TIMEOUT_S} s:\n{self.log[-3000:]}") from None

    def close(self):
        """Stops the node as an operator would, if the test has not. It fails the test if the node did not end well: at its
        end sanitizers tell what leaked, and it may have crashed after the last answer."""
        if self.process is None:
            return
        code = self.stop()
        assert code in (0, -signal.SIGKILL), f"the node ended with {code}:\n{self.log[-3000:]}"


class Connection:
    """A keep-alive connection of one client. To be closed, or used with `with`."""

    def __init__(self, port, timeout_s):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, method, path, body=None, user=None, key=None, headers=None):
        sent = dict(headers or {})
        if user:
            sent["X-User-Id"] = user
        if key:
            sent["Idempotency-Key"] = key
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            self.http.request(method, path, data, sent)
            answer = self.http.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as fault:
            self.http.close()
            raise Unreachable(f"{method} {path}: {fault!r}") from fault

    def close(self):
        self.http.close()


def pause(seconds):
    """Gives the CPU away between two looks at another process."""
    select.select([], [], [], seconds)


def eventually(what, look, timeout_s=30):
    """Looks until `look()` returns something true, and returns it; fails with the last it saw."""
    deadline = time.monotonic() + timeout_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_s} s")
        pause(0.02)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="bv-e2e-")
