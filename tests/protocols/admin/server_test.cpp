// covers: protocols/admin/conversation.cpp
#include "protocols/admin/server.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <stdexcept>

#include "protocols/http_client/client.hpp"
#include "tests/protocols/local/deep_folder.hpp"
#include "tests/protocols/http/raw_client.hpp"

using namespace bv;
using namespace bv::admin;
namespace json = boost::json;

namespace {

/// Says what it was asked.
class echo final : public operation {
 public:
  std::string_view name() const override { return "echo"; }
  bool alone() const override { return false; }
  result<json::object> run(const json::object& arguments, const running& now) override {
    for (int i = 0; i < 1'000; ++i) now.progress({{"at", i}});
    if (arguments.contains("throw")) throw std::runtime_error("broken");
    if (arguments.contains("fail")) return failure(error_kind::conflict, "no_luck", "not today", "here");
    return json::object{{"asked", arguments}};
  }
};

/// Waits until it is told to stop, or let go.
class wait final : public operation {
 public:
  std::string_view name() const override { return "wait"; }
  bool alone() const override { return true; }
  result<json::object> run(const json::object&, const running& now) override {
    now.progress({{"waiting", true}});
    std::unique_lock lock(guard);
    started = true;
    changed.notify_all();
    changed.wait(lock, now.stop, [this] { return let_go; });
    ended = true;
    changed.notify_all();
    if (now.stop.stop_requested()) return failure(error_kind::unavailable, "cancelled", "it was cancelled");
    return json::object{};
  }

  void wait_until(const bool& what) {
    std::unique_lock lock(guard);
    REQUIRE(changed.wait_for(lock, http::test::raw_client::patience, [&] { return what; }));
  }
  void release() {
    const std::lock_guard lock(guard);
    let_go = true;
    changed.notify_all();
  }

  std::mutex guard;
  std::condition_variable_any changed;
  bool started = false, ended = false, let_go = false;
};

struct answered {
  unsigned status = 0;
  std::vector<json::object> lines;
  json::value problem;
};

struct fixture {
  fixture() {
    std::vector<std::unique_ptr<operation>> all;
    all.push_back(std::make_unique<echo>());
    auto waits = std::make_unique<wait>();
    waiting = waits.get();
    all.push_back(std::move(waits));
    auto made = server::start(socket, std::move(all));
    REQUIRE(made);
    serving = *std::move(made);
  }
  result<answered> post(const std::string& name, const std::string& arguments) const {
    answered got;
    BV_ASSIGN(const auto came, http_client::post_for_lines(where, "/api/admin/" + name, arguments, [&](std::string_view line) {
                got.lines.push_back(json::parse({line.data(), line.size()}).as_object());
              }));
    got.status = came.status;
    if (came.status != 200) got.problem = json::parse(came.body);
    return got;
  }
  std::string code_of(const std::string& name, const std::string& arguments) const {
    const auto got = post(name, arguments);
    REQUIRE(got);
    return std::to_string(got->status) + " " + std::string(got->problem.at("code").as_string());
  }

  const local::deep_folder place;
  const std::string socket = place.root + "/admin.sock";
  const http_client::address where{{}, {}, socket};
  wait* waiting = nullptr;
  std::unique_ptr<server> serving;
};

}  // namespace

TEST_CASE("admin: an operation's progress and result are lines") {
  fixture f;
  const auto got = f.post("echo", R"({"to":"there","n":3})");
  REQUIRE(got);
  CHECK(got->status == 200);
  REQUIRE(got->lines.size() >= 2);
  CHECK(got->lines.front().at("progress").at("at").as_int64() == 0);
  CHECK(got->lines.back() == json::object{{"result", {{"asked", {{"to", "there"}, {"n", 3}}}}}});
  CHECK_MESSAGE(got->lines.size() < 500, "progress is told a few times a second only");
  CHECK(f.post("echo", "")->lines.back().at("result").at("asked").as_object().empty());
}

TEST_CASE("admin: a failure is the last line, with its code and its place") {
  fixture f;
  const auto why = f.post("echo", R"({"fail":1})")->lines.back().at("error");
  CHECK(why == json::value{{"code", "no_luck"}, {"message", "not today"}, {"context", "here"}, {"kind", "conflict"}});
  const auto thrown = f.post("echo", R"({"throw":1})")->lines.back().at("error");
  CHECK(thrown.at("code") == "internal");
  CHECK(thrown.at("message").as_string().find("broken") != std::string::npos);
}

TEST_CASE("admin: what there is not, and what can't be read, is refused") {
  fixture f;
  CHECK(f.code_of("reboot", "{}") == "404 no_such_operation");
  CHECK(f.code_of("echo/more", "{}") == "404 no_such_operation");
  CHECK(f.code_of("../../healthz", "{}") == "404 no_such_operation");
  CHECK(f.code_of("echo", "{") == "400 malformed_json");
  CHECK(f.code_of("echo", "[1]") == "400 malformed_json");
  CHECK(http_client::get(f.where, "/api/admin/echo")->status == 405);
  CHECK(http_client::get(f.where, "/healthz")->status == 404);
  CHECK(http_client::get(f.where, "/api/admin")->body == R"({"operations":["echo","wait"]})");
}

TEST_CASE("admin: one of a kind at a time, where it must be") {
  fixture f;
  auto first = std::async(std::launch::async, [&] { return f.post("wait", "{}"); });
  f.waiting->wait_until(f.waiting->started);
  CHECK(f.code_of("wait", "{}") == "409 already_running");
  CHECK(f.post("echo", "{}")->lines.back().contains("result"));
  f.waiting->release();
  CHECK(first.get()->lines.back().contains("result"));
  CHECK(f.post("wait", "{}")->lines.back().contains("result"));
}

TEST_CASE("admin: an operator who goes away ends what he asked for") {
  fixture f;
  const auto gone = http_client::post_for_lines(f.where, "/api/admin/wait", "{}", [](std::string_view) {},
                                                {.within = std::chrono::milliseconds(200)});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == "timeout");
  f.waiting->wait_until(f.waiting->ended);
  CHECK_FALSE(f.waiting->let_go);
}

TEST_CASE("admin: a stop ends what runs, tells its operator, and takes the socket away") {
  fixture f;
  auto first = std::async(std::launch::async, [&] { return f.post("wait", "{}"); });
  f.waiting->wait_until(f.waiting->started);
  f.serving->stop();
  const auto told = first.get();
  REQUIRE(told);
  CHECK(told->lines.back().at("error").at("code") == "cancelled");
  CHECK_FALSE(std::filesystem::exists(f.socket));
  f.serving->stop();
}

TEST_CASE("admin: a socket that can't be made is told") {
  const auto made = server::start("/nowhere/admin.sock", {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == "listen_failed");
}
