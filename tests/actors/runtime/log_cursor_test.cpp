#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "actors/runtime/event_log.hpp"

using namespace bv;
using namespace bv::runtime;

TEST_CASE("log cursor: the text gives the cursor back") {
  CHECK(rc::check("parse(to_text(c)) == c", [](const std::vector<std::uint64_t>& offsets) {
    log_cursor cursor;
    for (const auto offset : offsets) cursor.offsets.emplace_back(offset);
    const auto parsed = parse_cursor(to_text(cursor), offsets.size());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == cursor);
  }));
}

TEST_CASE("log cursor: a text that is no cursor is refused and harms nobody") {
  CHECK(rc::check("parse survives anything", [](const std::string& text) {
    if (const auto parsed = parse_cursor(text, 3)) RC_ASSERT(parsed->offsets.size() == 3u);
  }));
  const auto text = to_text({{storage::event_offset{1}, storage::event_offset{300}, storage::event_offset{5}}});
  CHECK(parse_cursor(text, 4).error().code == "bad_cursor");
  CHECK(parse_cursor(text.substr(0, text.size() - 2), 3).error().code == "bad_cursor");
  CHECK(parse_cursor(text + "AA", 3).error().code == "bad_cursor");
  CHECK(parse_cursor("not a cursor!", 3).error().code == "bad_cursor");
  CHECK(parse_cursor("", 3).error().code == "bad_cursor");
}
