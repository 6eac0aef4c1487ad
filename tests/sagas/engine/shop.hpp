// A little shop to test sagas with: readable bodies instead of encoded commands.
#pragma once

#include <string>
#include <vector>

#include "sagas/engine/dsl.hpp"
#include "tests/sagas/engine/saga_world.hpp"

namespace bv::sagas::testing {

struct basket {
  std::string id;
  std::vector<std::string> items;
};

inline bytes encode(const basket& value) {
  std::string made = value.id;
  for (const auto& item : value.items) made += " " + item;
  return made;
}
inline result<void> decode(bytes_view data, basket& value) {
  value = {};
  std::string word;
  const auto take = [&] {
    if (value.id.empty())
      value.id = word;
    else
      value.items.push_back(word);
    word.clear();
  };
  for (const char c : data) {
    if (c == ' ')
      take();
    else
      word.push_back(c);
  }
  if (!word.empty()) take();
  return {};
}
inline result<void> validate(const basket& value) {
  if (value.id.empty()) return failure(error_kind::invalid, "too_short", "a basket has an id", "id");
  return {};
}

inline call command(std::string type, std::string id, std::string body) {
  return {call::target::entity, std::move(type), std::move(id), std::move(body)};
}
inline call request(std::string service, std::string body) {
  return {call::target::service, std::move(service), {}, std::move(body)};
}

inline call place(const basket& b) {
  return command("order", b.id, "place");
}
inline call unplace(const basket& b, const story& so_far) {
  return command("order", b.id, "cancel because " + so_far.reason());
}
inline call reserve(const basket&, const std::string& item) {
  return command("stock", item, "reserve");
}
inline call release(const basket&, const std::string& item) {
  return command("stock", item, "release");
}
inline call charge(const basket& b) {
  return request("bank", "charge " + b.id);
}
inline call uncharge(const basket& b) {
  return request("bank", "refund " + b.id);
}
inline call ship(const basket& b, const story& so_far) {
  return command("order", b.id, "ship paid with " + so_far.answer("charge").value_or("nothing"));
}
inline call thank(const basket& b) {
  return command("mail", b.id, "thank");
}

// One line a thing that happens.
// clang-format off
/// reserve ‖ place → charge → (no return) ship → thank
inline saga_builder<basket> sale() {
  using namespace std::chrono_literals;
  return saga<basket>("sale", version{1})
      .deadline(30s)
      .step("reserve")
          .call(place).or_else_undo(unplace)
          .for_each(&basket::items, reserve).or_else_undo(release)
      .step("charge")
          .call(charge).or_else_undo(uncharge)
          .retry(exponential(100ms, 4))
      .step("ship").point_of_no_return()
          .call(ship)
      .step("thank")
          .call(thank);
}
// clang-format on

using strings = std::vector<std::string>;

inline const basket two_fruits{"B1", {"apple", "pear"}};

inline saga_world a_shop(definition sold = sale()) { return saga_world({std::move(sold)}); }

/// The bank's answer to whatever it is asked; all others agree.
inline reaction bank_says(const seen_call& call, reaction answer) { return call.who == "bank" ? answer : reaction::ok(); }

}  // namespace bv::sagas::testing
