#pragma once

#include <rapidcheck.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tests/protocols/schema/fixtures/sample.hpp"

namespace bv::fixtures {

/// UTF-8 of at most `size_max` bytes with characters of every length, quotes and control characters among them.
inline rc::Gen<std::string> any_text(std::size_t size_max) {
  static const std::vector<std::string> letters{"a", "Z", "0", " ", "\"", "\\", "\n", "\x01", "/", "é", "ß", "€", "漢", "😀"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(letters)),
                      [size_max](const std::vector<std::string>& chosen) {
                        std::string text;
                        for (const auto& letter : chosen)
                          if (text.size() + letter.size() <= size_max) text += letter;
                        return text;
                      });
}

template <class T>
rc::Gen<std::vector<T>> any_list(rc::Gen<T> element, std::size_t count_max) {
  return rc::gen::map(rc::gen::container<std::vector<T>>(std::move(element)), [count_max](std::vector<T> all) {
    if (all.size() > count_max) all.resize(count_max);
    return all;
  });
}

inline rc::Gen<timestamp> any_moment() {
  // from 1678 to 2261: what RFC 3339 text is accepted for
  return rc::gen::map(rc::gen::inRange<std::int64_t>(-9'214'560'000, 9'214'646'400),
                      [](std::int64_t s) { return timestamp{s * 1'000'000'000 + (s % 7 + 7) % 7 * 1001}; });
}

inline rc::Gen<double> any_real() {
  return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange(-60, 60)),
                      [](const std::pair<std::int64_t, int>& parts) {
                        return std::ldexp(static_cast<double>(parts.first), parts.second);
                      });
}

inline rc::Gen<sample::item> any_item() {
  return rc::gen::exec([] {
    sample::item made;
    made.sku = *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 8), rc::gen::elementOf(std::string("abz019-")));
    made.price = {*rc::gen::arbitrary<std::int64_t>(), *rc::gen::element<std::string>("USD", "EUR")};
    made.colour = *rc::gen::element(sample::colour::red, sample::colour::dark_green, sample::colour::blue);
    return made;
  });
}

/// A value inside all limits.
inline rc::Gen<sample::everything> any_everything() {
  return rc::gen::exec([] {
    const auto colours = rc::gen::element(sample::colour::red, sample::colour::dark_green, sample::colour::blue);
    sample::everything v;
    v.flag = *rc::gen::arbitrary<bool>();
    v.tiny = *rc::gen::arbitrary<std::int8_t>();
    v.small = *rc::gen::arbitrary<std::int16_t>();
    v.medium = *rc::gen::arbitrary<std::int32_t>();
    v.large = *rc::gen::arbitrary<std::int64_t>();
    v.byte = *rc::gen::arbitrary<std::uint8_t>();
    v.word = *rc::gen::arbitrary<std::uint16_t>();
    v.count = *rc::gen::inRange<std::uint32_t>(1, 11);
    v.huge = *rc::gen::arbitrary<std::uint64_t>();
    v.ratio = static_cast<float>(*rc::gen::inRange(-1'000'000, 1'000'000)) / 8;
    v.exact = *any_real();
    v.note = *any_text(20);
    v.blob = *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 17), rc::gen::arbitrary<char>());
    v.colour = *colours;
    v.at = *any_moment();
    if (*rc::gen::arbitrary<bool>()) v.item = *any_item();
    if (*rc::gen::arbitrary<bool>()) v.nickname = "nn" + *any_text(10);
    for (auto& item : *any_list(any_item(), 40)) v.items.insert(item);
    v.plain = *any_list(any_item(), 5);
    v.words = *any_list(any_text(12), 5);
    v.numbers = *rc::gen::arbitrary<std::vector<std::int32_t>>();
    v.flags = *rc::gen::arbitrary<std::vector<bool>>();
    v.colours = *any_list(colours, 5);
    v.blobs = *any_list(rc::gen::arbitrary<std::string>(), 4);
    v.reals = *any_list(any_real(), 5);
    v.signed_ = *rc::gen::inRange<std::int64_t>(-5, 6);
    if (*rc::gen::arbitrary<bool>()) v.tags = *any_list(any_text(12), 3);
    v.on = *rc::gen::arbitrary<bool>();
    v.wide = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
    switch (*rc::gen::inRange(0, 3)) {
      case 0: break;
      case 1: v.choice = sample::left{*rc::gen::arbitrary<std::uint32_t>()}; break;
      default: v.choice = sample::right{*any_text(9)};
    }
    return v;
  });
}

}  // namespace bv::fixtures
