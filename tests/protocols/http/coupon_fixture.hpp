#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "actors/runtime/query.hpp"
#include "protocols/http/server.hpp"
#include "tests/protocols/http/contracts/coupon_search.hpp"
#include "tests/protocols/http/coupons.hpp"
#include "tests/protocols/http/fake_node.hpp"
#include "tests/protocols/http/raw_client.hpp"

namespace bv::http::test {

using coupon_contract = bv::test::coupon::contract;
using book_contract = bv::test::coupon_book::contract;

/// Answers with the ids "c1" … as many as `limit`, and with who asked.
class find_coupons final : public runtime::query_handler {
 public:
  const schema::query_contract& contract() const override {
    return contract_of(bv::test::coupon_search::find_coupons{});
  }
  result<bytes> answer(bytes_view parameters, const runtime::caller& from, std::string_view) const override {
    bv::test::coupon_search::find_coupons asked;
    BV_TRY(decode(parameters, asked));
    if (asked.min_percent == 13)
      return failure(error_kind::unavailable, "rebuilding", "the view is being rebuilt");
    bv::test::coupon_search::coupon_page page;
    for (std::uint32_t i = 1; i <= asked.limit; ++i) page.ids.push_back("c" + std::to_string(i));
    page.asked_by = from.principal;
    return encode(page);
  }
};

/// A server over a fake node with the test's own aggregates.
struct coupon_server {
  explicit coupon_server(options how = {}, std::function<result<void>()> ready = {}) {
    how.listen = "127.0.0.1:0";
    how.node_name = "n1";
    auto started = server::start(how, {node,
                                       node,
                                       {&coupon_contract::reflection(), &book_contract::reflection()},
                                       {std::make_shared<find_coupons>()},
                                       std::move(ready),
                                       {},
                                       [] { return std::string("# HELP up Whether it is.\nup 1\n"); }});
    if (!started) FAIL(describe(started.error()));
    http = std::move(*started);
  }

  raw_client connect() const { return raw_client(http->port()); }

  /// One request on a connection of its own.
  raw_answer ask(std::string_view method, std::string_view target, std::string_view fields = "",
                 std::string_view body = "") const {
    raw_client client(http->port());
    client.send(text(method, target, fields, body));
    return client.answer(method == "HEAD");
  }

  static std::string text(std::string_view method, std::string_view target, std::string_view fields = "",
                          std::string_view body = "") {
    std::string request = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n";
    request += fields;
    if (!body.empty()) {
      if (fields.find("Content-Type") == fields.npos) request += "Content-Type: application/json\r\n";
      request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return request + "\r\n" + std::string(body);
  }

  /// A new coupon's id.
  std::string issue(std::string_view body = R"({"percent":10})") const {
    const auto answer = ask("POST", "/api/coupons", "X-User-Id: ann\r\n", body);
    REQUIRE(answer.status == 201);
    return answer.field("Location").substr(std::string_view("/api/coupons/").size());
  }

  fake_node node{{std::make_shared<runtime::typed_aggregate<coupon_contract>>(),
                  std::make_shared<runtime::typed_aggregate<book_contract>>()}};
  std::unique_ptr<server> http;
};

inline bool holds(const raw_answer& answer, std::string_view text) {
  return answer.body.find(text) != answer.body.npos;
}

}  // namespace bv::http::test
