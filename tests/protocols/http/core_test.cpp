// The server core over real sockets, with a handler that does what the path says.
// covers: protocols/http/connection.cpp
// covers: protocols/http/head.cpp
// covers: protocols/http/loop.cpp
// covers: protocols/http/mailbox.cpp
// covers: protocols/http/outbox.cpp
#include "protocols/http/core.hpp"

#include <thread>

#include "tests/protocols/http/core_fixture.hpp"

using namespace bv::http;
using namespace bv::http::test;

TEST_CASE("core: requests of one connection are answered in order, however they arrive") {
  fixture f;
  auto client = f.connect();
  std::string burst;
  for (int i = 0; i < 200; ++i) burst += get("/" + std::to_string(i));
  burst += "POST /last HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
  client.send(burst);
  for (int i = 0; i < 200; ++i) CHECK(client.answer().body == "GET /" + std::to_string(i) + " ");
  CHECK(client.answer().body == "POST /last body");
  CHECK(client.ask(get("/again")).body == "GET /again ");
  CHECK(f.server->counts().connections_accepted == 1);
  CHECK(f.server->counts().requests == 202);
}

TEST_CASE("core: an answer may come later from any thread, and only the first counts") {
  fixture f;
  auto client = f.connect();
  client.send(get("/wait") + get("/next"));
  auto kept = f.app.waiting.take();
  std::thread([kept] {
    kept.send([] {
      response reply;
      reply.body = "first";
      return reply;
    });
    kept.send(response{});
  }).join();
  CHECK(client.answer().body == "first");
  CHECK(client.answer().body == "GET /next ");
}

TEST_CASE("core: a request that nobody answers gets a 500, and so does a handler that throws") {
  fixture f;
  auto client = f.connect();
  auto answer = client.ask(get("/drop"));
  CHECK(answer.status == 500);
  CHECK(answer.body.find("\"code\":\"unanswered\"") != std::string::npos);
  CHECK(client.ask(get("/throw")).status == 500);
  CHECK(client.ask(get("/fine")).status == 200);
}

TEST_CASE("core: HEAD has the head of GET and no body") {
  fixture f;
  auto client = f.connect();
  client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client.answer(true);
  CHECK(answer.field("Content-Length") == "8");
  CHECK(answer.field("Date").ends_with("GMT"));
  CHECK(client.ask(get("/y")).body == "GET /y ");
}

TEST_CASE("core: large answers arrive whole") {
  fixture f;
  auto client = f.connect();
  CHECK(client.ask(get("/shared")).body == std::string(100'000, 's'));
  CHECK(client.ask(get("/big")).body.size() == 32u * 1024 * 1024);
  CHECK(client.ask(get("/after")).status == 200);
}

TEST_CASE("core: HTTP/1.0 and Connection: close end the connection after the answer") {
  fixture f;
  auto old = f.connect();
  auto answer = old.ask("GET /a HTTP/1.0\r\n\r\n");
  CHECK(answer.head.starts_with("HTTP/1.0 200"));
  CHECK(old.closed());
  auto kept = f.connect();
  CHECK(kept.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection") == "keep-alive");
  CHECK(kept.ask(get("/b", "Connection: close\r\n")).field("Connection") == "close");
  CHECK(kept.closed());
}

TEST_CASE("core: a malformed request is answered with a problem, then the connection ends") {
  fixture f;
  auto client = f.connect();
  const auto answer = client.ask(get("/ok") + "NONSENSE\r\n\r\n" + get("/never"));
  CHECK(answer.status == 200);
  const auto refused = client.answer();
  CHECK(refused.status == 400);
  CHECK(refused.field("Content-Type") == "application/problem+json");
  CHECK(refused.field("Connection") == "close");
  client.shut();
  CHECK(client.closed());
  CHECK(f.server->counts().requests == 1);
}

TEST_CASE("core: a body that is too large is refused before it is sent, and the client reads why") {
  fixture f;
  auto client = f.connect();
  client.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.answer().status == 413);
  // A client that sends it all the same must find the answer, not a reset.
  auto stubborn = f.connect();
  stubborn.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" +
                std::string(2'000'000, 'b'));
  CHECK(stubborn.answer().status == 413);
}

TEST_CASE("core: a client that asks is told to go on") {
  fixture f;
  auto client = f.connect();
  client.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.answer().status == 100);
  CHECK(client.ask("ok").body == "PUT /x ok");
}

TEST_CASE("core: a slow request is cut off while others are served by the same thread") {
  limits bounds;
  bounds.request_timeout = milliseconds(150);
  fixture f(bounds);
  auto slow = f.connect();
  slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n");
  auto other = f.connect();
  CHECK(other.ask(get("/fast")).status == 200);
  const auto answer = slow.answer();
  CHECK(answer.status == 408);
  CHECK(answer.has("Connection: close"));
  CHECK(f.server->counts().requests_timed_out == 1);
}

TEST_CASE("core: dripping bytes does not extend a request's time") {
  limits bounds;
  bounds.request_timeout = milliseconds(200);
  bounds.linger_timeout = milliseconds(100);
  fixture f(bounds);
  auto slow = f.connect();
  std::atomic<bool> done{false};
  std::thread drip([&] {
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n");
    std::mutex guard;
    std::condition_variable pause;
    std::unique_lock lock(guard);
    while (!done && slow.send("X: y\r\n")) pause.wait_for(lock, milliseconds(20));
  });
  CHECK(slow.answer().status == 408);
  CHECK(slow.closed());
  done = true;
  drip.join();
}

TEST_CASE("core: an idle connection is closed without a word") {
  limits bounds;
  bounds.idle_timeout = milliseconds(100);
  fixture f(bounds);
  auto client = f.connect();
  CHECK(client.ask(get("/x")).status == 200);
  CHECK(client.closed());
  CHECK(client.buffer().empty());
}

TEST_CASE("core: an answer that takes too long becomes a 504, and the late one goes nowhere") {
  limits bounds;
  bounds.answer_timeout = milliseconds(100);
  fixture f(bounds);
  auto client = f.connect();
  const auto late = client.ask(get("/wait"));
  CHECK(late.status == 504);
  CHECK(late.has("Retry-After: 1"));
  f.app.waiting.take().send(response{});
  CHECK(client.closed());
  CHECK(f.connect().ask(get("/x")).status == 200);
}

TEST_CASE("core: a client that does not take its answer is cut off") {
  limits bounds;
  bounds.write_timeout = milliseconds(150);
  bounds.write_rate_bytes_per_s_min = 1'000'000'000;
  fixture f(bounds);
  auto client = f.connect(4096);
  client.send(get("/big"));
  auto other = f.connect();
  CHECK(other.ask(get("/fast")).status == 200);
  while (f.server->counts().clients_cut_off == 0) std::this_thread::yield();
  CHECK(client.closed());
  CHECK(client.buffer().size() < 32u * 1024 * 1024);
}

TEST_CASE("core: one connection too many is told so") {
  limits bounds;
  bounds.connections_max = 2;
  fixture f(bounds);
  auto first = f.connect();
  auto second = f.connect();
  CHECK(first.ask(get("/1")).status == 200);
  CHECK(second.ask(get("/2")).status == 200);
  {
    auto third = f.connect();
    const auto answer = third.answer();
    CHECK(answer.status == 503);
    CHECK(answer.has("Retry-After: 1"));
    CHECK(third.closed());
  }
  CHECK(first.ask(get("/3")).status == 200);
  CHECK(f.server->counts().connections_refused == 1);
}

TEST_CASE("core: memory for large bodies is bounded over all connections") {
  limits bounds;
  bounds.buffered_bodies_bytes_max = 300'000;
  fixture f(bounds);
  const std::string head = "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";
  auto first = f.connect();
  first.send(head + std::string(150'000, 'b'));
  while (f.server->counts().bodies_buffered_bytes == 0) std::this_thread::yield();
  auto second = f.connect();
  second.send(head + std::string(250'000, 'b'));
  CHECK(second.answer().status == 503);
  second.shut();
  CHECK(second.closed());
}

TEST_CASE("core: stop lets the request under way finish and closes idle connections") {
  fixture f;
  auto idle = f.connect();
  CHECK(idle.ask(get("/x")).status == 200);
  auto busy = f.connect();
  busy.send(get("/wait"));
  auto kept = f.app.waiting.take();
  auto stopping = std::async(std::launch::async, [&] { f.server->stop(); });
  CHECK(idle.closed());
  kept.send(response{});
  const auto answer = busy.answer();
  CHECK(answer.status == 200);
  CHECK(answer.field("Connection") == "close");
  CHECK(busy.closed());
  stopping.get();
  CHECK(f.server->counts().connections_open == 0);
}

TEST_CASE("core: stop does not wait for an answer for ever, and a late one is harmless") {
  limits bounds;
  bounds.drain_timeout = milliseconds(50);
  fixture f(bounds);
  auto client = f.connect();
  client.send(get("/wait"));
  auto kept = f.app.waiting.take();
  f.server->stop();
  CHECK(client.closed());
  f.server.reset();
  kept.send(response{});
}

TEST_CASE("core: many connections on several threads get their own answers") {
  fixture f({}, 3);
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int c = 0; c < 16; ++c)
    clients.emplace_back([&, c] {
      raw_client client(f.server->port());
      for (int i = 0; i < 100; ++i) {
        const auto path = "/" + std::to_string(c) + "/" + std::to_string(i);
        right += client.ask(get(path)).body == "GET " + path + " ";
      }
    });
  for (auto& one : clients) one.join();
  CHECK(right == 1600);
}

TEST_CASE("core: what it can't listen on is named") {
  fixture f;
  echo_handler app;
  for (const auto* bad :
       {"nonsense", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:", "::1:80", "host.example:80"}) {
    const auto started = core::start({bad, 1, {}}, app);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == "bad_listen_address");
  }
  const auto taken = core::start({"127.0.0.1:" + std::to_string(f.server->port()), 1, {}}, app);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == "listen_failed");
  CHECK(core::start({"[::1]:0", 1, {}}, app).has_value());
}
