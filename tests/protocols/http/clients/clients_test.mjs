// Other people's clients against the server: Node's fetch (undici), the npm package eventsource, curl.
//   node clients_test.mjs SERVER NODE_MODULES
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { pathToFileURL } from "node:url";
import test, { after, before } from "node:test";

const [serverProgram, nodeModules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(nodeModules + "/"));
const { EventSource } = require("eventsource");
const run = promisify(execFile);

let server, base, stopping = false;
before(async () => {
  server = spawn(serverProgram, { stdio: ["pipe", "pipe", "inherit"] });
  server.once("exit", (code, signal) => {
    if (stopping) return;
    console.error(`the server ended by itself: ${signal ?? code}`);
    process.exit(1); // clients that reconnect would try for ever
  });
  const [port] = await new Promise((done) => createInterface(server.stdout).once("line", (line) => done([line])));
  base = `http://127.0.0.1:${port}`;
});
after(async () => {
  stopping = true;
  const ended = new Promise((done) => server.once("exit", done));
  server.stdin.end();
  assert.equal(await ended, 0);
});

const post = (path, body, headers = {}) =>
  fetch(base + path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-User-Id": "ann", ...headers },
  });
const keep = (coupon) => post("/api/coupon-book/coupons", { coupon }).then((answer) => assert.equal(answer.status, 200));
const curl = async (...args) => (await run("curl", ["--silent", "--max-time", "20", ...args])).stdout;

test("fetch: a command, its retry, its state with a tag", async () => {
  const made = await post("/api/coupons", { percent: 10 }, { "Idempotency-Key": "k1" });
  assert.equal(made.status, 201);
  const again = await post("/api/coupons", { percent: 10 }, { "Idempotency-Key": "k1" });
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(await again.json(), await made.json());
  const state = await fetch(base + made.headers.get("location"));
  assert.equal((await state.json()).percent, 10);
  const same = await fetch(base + made.headers.get("location"), { headers: { "If-None-Match": state.headers.get("etag") } });
  assert.equal(same.status, 304);
});

test("fetch: a packed answer is unpacked, and its tag works in If-Match", async () => {
  const made = await post("/api/coupons", { percent: 10, text: "t".repeat(5000) });
  const at = base + made.headers.get("location");
  const state = await fetch(at);
  assert.equal(state.headers.get("content-encoding"), "gzip");
  assert.equal((await state.json()).text.length, 5000);
  const tag = state.headers.get("etag");
  assert.equal((await fetch(`${at}/orders/o1`, { method: "PUT", headers: { "If-Match": tag } })).status, 202);
  assert.equal((await fetch(`${at}/orders/o2`, { method: "PUT", headers: { "If-Match": tag } })).status, 412);
});

test("fetch: two hundred requests at once over kept connections", async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => post("/api/coupons", { percent: 1 + (i % 90) })));
  const ids = new Set(await Promise.all(answers.map(async (answer) => (await answer.json()).id)));
  assert.equal(ids.size, 200);
});

/** Collects messages; `until(n)` resolves when there are n. */
function collect(source) {
  const seen = [];
  let wake = () => {};
  source.addEventListener("promo.coupon_book.kept.v1", (message) => {
    seen.push({ id: message.lastEventId, coupon: JSON.parse(message.data).payload.coupon });
    wake();
  });
  const until = async (count) => {
    while (seen.length < count) await new Promise((done) => { wake = done; });
    return seen;
  };
  return { seen, until };
}
const opened = (source) => new Promise((done) => source.addEventListener("open", done, { once: true }));

test("eventsource: events come as they happen", async () => {
  const source = new EventSource(`${base}/api/events/stream?type=coupon_book`);
  await opened(source);
  const messages = collect(source);
  await keep("a1");
  await keep("a2");
  assert.deepEqual((await messages.until(2)).map((one) => one.coupon), ["a1", "a2"]);
  source.close();
});

test("eventsource: after a broken connection it misses nothing and repeats nothing", async () => {
  // A fetch of its own that cuts the first connection after its first event: the library must come back by itself.
  let connections = 0;
  const asked = [];
  const cutting = async (url, init) => {
    asked.push(init.headers["Last-Event-ID"] ?? "");
    const answer = await fetch(url, init);
    if (++connections > 1) return answer;
    const reader = answer.body.getReader();
    const body = new ReadableStream({
      async pull(controller) {
        const { value, done } = await reader.read();
        if (done) return controller.close();
        controller.enqueue(value);
        if (new TextDecoder().decode(value).includes("data:")) {
          await reader.cancel();
          controller.close();
        }
      },
    });
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
  const source = new EventSource(`${base}/api/events/stream?type=coupon_book`, { fetch: cutting });
  await opened(source);
  const messages = collect(source);
  await keep("b1");
  await messages.until(1);
  await keep("b2");
  await keep("b3");
  await messages.until(3);
  await keep("b4");
  assert.deepEqual((await messages.until(4)).map((one) => one.coupon), ["b1", "b2", "b3", "b4"]);
  assert.equal(connections, 2);
  assert.equal(asked[1], messages.seen[0].id);
  source.close();
});

test("curl: HEAD, OPTIONS, HTTP/1.0, a body that is told to wait, a chunked body", async () => {
  assert.match(await curl("--head", `${base}/api/coupons`), /^HTTP\/1.1 200 OK[^]*ETag: /);
  assert.match(await curl("-i", "-X", "OPTIONS", `${base}/api/coupons`), /Allow: GET, HEAD, POST, OPTIONS/);
  assert.match(await curl("-i", "--http1.0", `${base}/healthz`), /^HTTP\/1.0 200 OK[^]*Connection: close/);
  const json = ["-H", "Content-Type: application/json", "-d", '{"percent":10}'];
  assert.match(await curl("-i", "-H", "Expect: 100-continue", ...json, `${base}/api/coupons`),
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 Created/);
  assert.match(await curl("-i", "-H", "Transfer-Encoding: chunked", ...json, `${base}/api/coupons`), /^HTTP\/1.1 201 Created/);
});

test("curl: one connection serves several requests, and --compressed reads packed documents", async () => {
  const twice = await curl("--verbose", "--stderr", "-", `${base}/healthz`, `${base}/healthz`);
  assert.match(twice, /Re-using existing connection/);
  assert.equal(JSON.parse(await curl("--compressed", `${base}/openapi.json`)).openapi, "3.1.0");
  assert.match(await curl("--compressed", "--location", `${base}/`), /swagger-ui-bundle/);
});
