#include "protocols/http/stream.hpp"

#include <thread>

#include "tests/protocols/http/core_fixture.hpp"

using namespace bv::http;
using namespace bv::http::test;

TEST_CASE("stream: a stream brings each piece, and ends properly") {
  fixture f;
  auto client = f.connect();
  client.send(get("/stream"));
  f.app.opened.get_future().wait();
  const auto head = client.answer(true);
  CHECK(head.has("Transfer-Encoding: chunked"));
  CHECK(f.app.live->write("one"));
  CHECK(client.chunk() == "one");
  CHECK(f.app.live->write("two"));
  CHECK(client.chunk() == "two");
  f.app.live->finish();
  CHECK_FALSE(f.app.live->write("after"));
  CHECK(client.chunk() == "");
  CHECK(client.closed());
}

TEST_CASE("stream: a stream to HTTP/1.0 is not chunked") {
  fixture f;
  auto client = f.connect();
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  f.app.opened.get_future().wait();
  CHECK_FALSE(client.answer(true).has("chunked"));
  f.app.live->write("data: 1\n\n");
  f.app.live->finish();
  CHECK(client.closed());
  CHECK(client.buffer() == "data: 1\n\n");
}

TEST_CASE("stream: a stream's writer learns that the client has gone") {
  fixture f;
  {
    auto client = f.connect();
    client.send(get("/stream"));
    client.answer(true);
    f.app.opened.get_future().wait();
    CHECK(f.server->counts().streams_open == 1);
  }
  while (!f.app.live->closed()) std::this_thread::yield();
  CHECK_FALSE(f.app.live->write("x"));
  CHECK(f.app.live->room() == 0);
}

TEST_CASE("stream: a stream holds no more than its bound for a slow client") {
  fixture f;
  auto client = f.connect(4096);
  client.send(get("/stream"));
  client.answer(true);
  f.app.opened.get_future().wait();
  CHECK(f.app.live->room() == 1000);
  // The client reads nothing: the kernel takes some, then the stream's own buffer fills.
  bool accepted = true;
  for (int i = 0; accepted && i < 1'000'000; ++i) accepted = f.app.live->write(std::string(100, 'x'));
  CHECK_FALSE(accepted);
  while (!f.app.live->closed()) std::this_thread::yield();
  CHECK(f.server->counts().clients_cut_off == 1);
}
