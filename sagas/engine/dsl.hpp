// How a saga is written. A definition reads as the business rule; each named function is pure and turns the
// saga's input (and, if it asks for it, the story so far) into calls:
//
//   saga<purchase>("checkout", version{1})
//       .deadline(30s)
//       .step("reserve stock")
//           .call(place_order).or_else_undo(cancel_order)
//           .for_each(&purchase::lines, reserve).or_else_undo(release)
//       .step("capture payment").point_of_no_return()
//           .call(capture)
//
// A function is `call (const Input&)` or `call (const Input&, const story&)`; for_each adds the element after
// the input; `std::optional<call>` instead of `call` may have nothing to do.
#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>

#include "protocols/schema/base/assert.hpp"
#include "sagas/engine/definition.hpp"

namespace bv::sagas {

struct version {
  std::uint32_t number;
};

template <class Input>
class saga_builder {
 public:
  saga_builder(std::string name, version v) {
    made_.name = std::move(name);
    made_.version = v.number;
    made_.decode_input = [](bytes_view data) -> result<saga_input> {
      auto typed = std::make_shared<Input>();
      BV_TRY(decode(data, *typed));  // both generated beside Input
      BV_TRY(validate(*typed));
      return saga_input(std::move(typed));
    };
  }

  // --- Of the saga ---
  /// What has not reached the point of no return by then is undone.
  saga_builder& deadline(duration after_start) { return made_.deadline = after_start, *this; }
  /// Lets quick steps run ahead of the journal, see progress::checkpoints.
  saga_builder& journal_at_checkpoints() { return made_.journaled = progress::checkpoints, *this; }
  saga_builder& step(std::string name) {
    made_.steps.emplace_back().name = std::move(name);
    return *this;
  }

  // --- Of the step: what it does. All its calls are made at once; it is done when all have succeeded. ---
  template <class Made, class... Args>
  saga_builder& call(Made (*ask)(Args...)) {
    current().acts.push_back({single(ask), {}, {}});
    return *this;
  }

  /// One call for each element of a list in the input.
  template <class List, class Made, class Element, class... Args>
  saga_builder& for_each(List Input::*list, Made (*ask)(const Input&, const Element&, Args...)) {
    elements_ = {typeid(Element), [list](const void* input, const element_visitor& visit) {
                   for (const Element& one : static_cast<const Input*>(input)->*list) visit(&one);
                 }};
    current().acts.push_back({each(ask), {}, {}});
    return *this;
  }

  /// What takes the calls before it back if the saga fails later, or if it can't be known whether they
  /// happened. It must not mind if they never did.
  template <class Made, class... Args>
  saga_builder& or_else_undo(Made (*ask)(Args...)) {
    auto& undone = last_act();
    if constexpr (takes_element<Args...>())
      undone.backward = each(ask);
    else
      undone.backward = single(ask);
    return *this;
  }

  /// What else is to happen if the saga is undone, whether or not anything of the step was done.
  template <class Made, class... Args>
  saga_builder& when_undone(Made (*ask)(Args...)) {
    current().acts.push_back({[](const void*, const story&) { return calls(1); }, single(ask), {}});
    return *this;
  }

  /// A rejection with this code is as good as done.
  saga_builder& even_if(std::string code) {
    last_act().tolerated.insert(std::move(code));
    return *this;
  }

  /// Waits for a signal from outside; its payload is the step's answer.
  saga_builder& await_signal(std::string name) { return current().signal = std::move(name), *this; }

  // --- Of the step: how ---
  saga_builder& retry(retry_policy how) { return current().retry = how, *this; }
  saga_builder& retry_undo(retry_policy how) { return current().undo_retry = how, *this; }
  saga_builder& timeout(duration whole_step) { return current().timeout = whole_step, *this; }
  saga_builder& answer_within(duration one_attempt) { return current().answer_within = one_attempt, *this; }
  saga_builder& at_once(std::size_t calls_max) { return current().at_once_max = calls_max, *this; }
  /// From this step on the saga can't be cancelled and has no deadline: it goes on until it is done, or
  /// parked.
  saga_builder& point_of_no_return() { return current().point_of_no_return = true, *this; }

  operator definition() const {  // NOLINT: a chain of words ends as the thing that it describes
    BV_ASSERT(!made_.steps.empty(), "a saga has at least one step");
    for (const auto& one : made_.steps)
      BV_ASSERT(one.signal.empty() || one.acts.empty(), "a step awaits a signal or makes calls");
    return made_;
  }

 private:
  using element_visitor = std::function<void(const void* element)>;
  struct element_source {
    std::type_index type = typeid(void);
    std::function<void(const void* input, const element_visitor&)> visit;
  };

  template <class... Args>
  static consteval bool takes_element() {
    if constexpr (sizeof...(Args) < 2)
      return false;
    else
      return !std::is_same_v<std::remove_cvref_t<std::tuple_element_t<1, std::tuple<Args...>>>, story>;
  }

  sagas::step& current() {
    BV_ASSERT(!made_.steps.empty(), "say .step(\"name\") first");
    return made_.steps.back();
  }
  act& last_act() {
    BV_ASSERT(!current().acts.empty(), "say .call or .for_each first");
    return current().acts.back();
  }

  template <class Made, class... Args>
  static auto single(Made (*ask)(Args...)) {
    return [ask](const void* input, const story& so_far) -> calls {
      const auto& typed = *static_cast<const Input*>(input);
      if constexpr (sizeof...(Args) == 1)
        return {ask(typed)};
      else
        return {ask(typed, so_far)};
    };
  }

  template <class Made, class Element, class... Args>
  auto each(Made (*ask)(const Input&, const Element&, Args...)) const {
    BV_ASSERT(elements_.type == typeid(Element), "the undo of a for_each takes the same elements");
    return [ask, visit = elements_.visit](const void* input, const story& so_far) -> calls {
      const auto& typed = *static_cast<const Input*>(input);
      calls made;
      visit(input, [&](const void* element) {
        const auto& one = *static_cast<const Element*>(element);
        if constexpr (sizeof...(Args) == 0)
          made.push_back(ask(typed, one));
        else
          made.push_back(ask(typed, one, so_far));
      });
      return made;
    };
  }

  definition made_;
  element_source elements_;
};

template <class Input>
saga_builder<Input> saga(std::string name, version v) {
  return {std::move(name), v};
}

}  // namespace bv::sagas
