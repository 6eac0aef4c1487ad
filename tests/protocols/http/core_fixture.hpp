#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocols/http/core.hpp"
#include "tests/protocols/http/raw_client.hpp"

namespace bv::http::test {

/// What a test does with a request that waits.
class pending_answers {
 public:
  void put(responder one) {
    const std::lock_guard lock(guard_);
    waiting_.push_back(std::move(one));
    arrived_.notify_all();
  }
  responder take() {
    std::unique_lock lock(guard_);
    REQUIRE(arrived_.wait_for(lock, raw_client::patience, [&] { return !waiting_.empty(); }));
    auto one = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return one;
  }

 private:
  std::mutex guard_;
  std::condition_variable arrived_;
  std::vector<responder> waiting_;
};

class echo_handler final : public handler {
 public:
  void on_request(const request& asked, responder answer) override {
    const auto path = asked.where.path();
    if (path == "/wait") return waiting.put(std::move(answer));
    if (path == "/drop") return;
    if (path == "/throw") throw std::runtime_error("broken");
    if (path == "/stream") {
      answer.send([this] {
        response head;
        head.streamed = live = stream::make(1000, [this] { ++changes; });
        opened.set_value();
        return head;
      });
      return;
    }
    response reply;
    if (path == "/big")
      reply.body.assign(32 * 1024 * 1024, 'x');
    else if (path == "/shared")
      reply.shared_body = std::make_shared<const std::string>(100'000, 's');
    else
      reply.body = std::string(asked.method_name) + " " + std::string(path) + " " + std::string(asked.body);
    answer.send(std::move(reply));
    answer.send(response{});  // a second answer must not go anywhere
  }

  pending_answers waiting;
  std::shared_ptr<stream> live;
  std::promise<void> opened;
  std::atomic<int> changes{0};
};

struct fixture {
  explicit fixture(limits bounds = {}, unsigned threads = 1) {
    auto started = core::start({"127.0.0.1:0", threads, bounds}, app);
    REQUIRE(started);
    server = std::move(*started);
  }
  raw_client connect(int receive_buffer = 0) { return raw_client(server->port(), receive_buffer); }

  echo_handler app;
  std::unique_ptr<core> server;
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

}  // namespace bv::http::test
