// Covers: protocols/schema/contract_files.cpp
#include "protocols/schema/compatibility.hpp"

#include <doctest/doctest.h>

using namespace bv;

namespace {

const std::string root = BV_SOURCE_ROOT;
const std::string path = "protocols/schema/shop/shelf.capnp";

constexpr const char* released_text = R"(@0xb1e7c0a1d5f0f101;
using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
$Cxx.namespace("bv::shop::shelf::wire");
$Bv.aggregate(name = "shelf", domain = "shop");

enum Size { small @0; large @1; }
struct Thing { name @0 :Text $Bv.maxLength(50); size @1 :Size; count @2 :UInt32 = 1 $Bv.max(9); }
struct State $Bv.route(method = "GET", path = "/api/shelf/{id}") $Bv.scope("shelf:read") {
  things @0 :List(Thing) $Bv.key("name");
  at @1 :Int64 $Bv.instant;
  note @2 :Text $Bv.optional;
}
struct Add { thing @0 :Thing; weight @1 :UInt32 $Bv.max(100); }
struct Sweep {}
struct Touch {}
struct Command {
  union {
    add @0 :Add $Bv.scope("shelf:write") $Bv.route(method = "POST", path = "/api/shelf/{id}/things", success = 201);
    sweep @1 :Sweep;
    touch @2 :Touch;
  }
}
struct Added { thing @0 :Thing; at @1 :Int64 $Bv.instant; }
struct Swept { at @0 :Int64 $Bv.instant; }
struct Event {
  union {
    added @0 :Added;
    swept @1 :Swept;
  }
}
struct FindThings $Bv.route(method = "GET", path = "/api/things") $Bv.answers("Things") { size @0 :Size; limit @1 :UInt32 = 5; }
struct Things { names @0 :List(Text); }
)";

schema::contract_set parsed(const std::string& text) {
  auto texts = schema::read_schema_texts(root + "/protocols/schema", "protocols/schema");
  REQUIRE(texts);
  auto made = schema::parse_contracts({{"protocols/schema/bv.capnp", texts->at("protocols/schema/bv.capnp")}, {path, text}});
  REQUIRE_MESSAGE(made, schema::describe({{"", made ? "" : made.error().message}}));
  return *std::move(made);
}

/// What is wrong with the released schema once `from` in it has become `to`.
std::string after(const std::string& from, const std::string& to) {
  std::string text = released_text;
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, from);
  text.replace(at, from.size(), to);
  return schema::describe(schema::breaches(parsed(released_text), parsed(text)));
}

}  // namespace

TEST_CASE("compatibility: the contracts keep what the released ones promised") {
  const auto folder = root + "/protocols/schema";
  const auto golden = schema::read_schema_texts(folder + "/golden", "protocols/schema");
  const auto present = schema::read_schema_texts(folder, "protocols/schema");
  REQUIRE(golden);
  REQUIRE(present);
  const auto released = schema::parse_contracts(*golden);
  const auto current = schema::parse_contracts(*present);
  REQUIRE(released);
  REQUIRE_MESSAGE(current, (current ? std::string() : bv::describe(current.error())));
  CHECK(released->aggregates.contains("cart"));
  CHECK(released->structs.size() > 0);
  const auto found = schema::breaches(*released, *current);
  INFO("If the break is meant: meson compile -C build refresh-golden, and tell the users.");
  CHECK(schema::describe(found) == "");
}

TEST_CASE("compatibility: new fields, members, values and wider limits are fine") {
  CHECK(after("count @2 :UInt32 = 1 $Bv.max(9);", "count @2 :UInt32 = 1 $Bv.max(99); colour @3 :Text;") == "");
  CHECK(after("large @1; }", "large @1; huge @2; }") == "");
  CHECK(after("swept @1 :Swept;", "swept @1 :Swept; sweptAgain @2 :Sweep;") == "");
  CHECK(after("sweep @1 :Sweep;", "sweep @1 :Sweep; sweepAgain @3 :Swept;") == "");
  CHECK(after("$Bv.maxLength(50)", "$Bv.maxLength(60)") == "");
  CHECK(after("$Bv.max(100)", "$Bv.max(50)") == "");  // a command's limit is a business rule
  CHECK(after("note @2", "note @2 :Text $Bv.optional; other @3") == "");
}

TEST_CASE("compatibility: a field that is gone, renamed, renumbered or retyped") {
  CHECK(after("struct Swept { at @0 :Int64 $Bv.instant; }", "struct Swept {}") == "shelf.Event.swept.at: is gone\n");
  CHECK(after("struct Swept { at @0", "struct Swept { when @0") == "shelf.Event.swept.at: its number now means when\n");
  CHECK(after("things @0 :List(Thing) $Bv.key(\"name\");\n  at @1", "things @1 :List(Thing) $Bv.key(\"name\");\n  at @0") ==
        "shelf.State.things: its number now means at\nshelf.State.at: its number now means things\n");
  CHECK(after("struct Swept { at @0 :Int64 $Bv.instant; }", "struct Swept { at @0 :Text; }") ==
        "shelf.Event.swept.at: its type was Int64, now it is Text\n");
  CHECK(after("struct Swept { at @0 :Int64 $Bv.instant; }", "struct Swept { at @0 :Int64; }") ==
        "shelf.Event.swept.at: was an instant\n");
  CHECK(after("names @0 :List(Text)", "names @0 :List(Data)") ==
        path + ":FindThings answer.names: its type was List(Text), now it is List(Data)\n");
  CHECK(after("note @2 :Text $Bv.optional", "note @2 :Text") == "shelf.State.note: was optional\n");
  CHECK(after("$Bv.key(\"name\")", "$Bv.key(\"size\")").find("its key was 'name'") != std::string::npos);
  CHECK(after("note @2 :Text $Bv.optional", "note @2 :Text $Bv.optional $Bv.internal") == "shelf.State.note: is not shown any more\n");
}

TEST_CASE("compatibility: a default that changes turns stored values into others") {
  CHECK(after("limit @1 :UInt32 = 5", "limit @1 :UInt32 = 6").starts_with(path + ":FindThings.limit: its default has changed"));
}

TEST_CASE("compatibility: an event whose number or full name means something else") {
  CHECK(after("added @0 :Added;\n    swept @1 :Swept;", "swept @0 :Swept;\n    added @1 :Added;") ==
        "shelf.Event.added: its number now means swept\nshelf.Event.swept: its number now means added\n");
  CHECK(after("\n    swept @1 :Swept;\n  }\n}\nstruct FindThings", "\n    tidied @1 :Swept;\n  }\n}\nstruct FindThings") ==
        "shelf.Event.swept: its number now means tidied\n");
  CHECK(after("swept @1 :Swept;", "swept @1 :Swept $Bv.version(2);") ==
        "shelf.Event.swept: its type was 'shop.shelf.swept.v1', now it is 'shop.shelf.swept.v2'\n");
  CHECK(after("domain = \"shop\"", "domain = \"store\"").find("'store.shelf.added.v1'") != std::string::npos);
}

TEST_CASE("compatibility: limits on stored values that are tighter") {
  const auto tighter = [](const std::string& from, const std::string& to, const std::string& what) {
    const auto found = after(from, to);
    CHECK_MESSAGE(found.find(what) != found.npos, found);
  };
  tighter("$Bv.max(9)", "$Bv.max(8)", "shelf.State.things.count: its greatest value is tighter: 8");
  tighter("$Bv.max(9)", "$Bv.max(9) $Bv.min(1)", "its least value is tighter: 1");
  tighter("$Bv.maxLength(50)", "$Bv.maxLength(49)", "its greatest length is tighter: 49");
  tighter("$Bv.maxLength(50)", "$Bv.maxLength(50) $Bv.minLength(1)", "its least length is tighter: 1");
  tighter("$Bv.maxLength(50)", "$Bv.maxLength(50) $Bv.pattern(\"[a-z]*\")", "its pattern has changed");
  tighter("count @2 :UInt32 = 1 $Bv.max(9);", "count @2 :UInt32 = 1 $Bv.max(9); colour @3 :Text $Bv.minLength(1);",
          "colour: is new and must be given");
}

TEST_CASE("compatibility: what clients use must stay") {
  CHECK(after("    touch @2 :Touch;\n", "") == "shelf.Command.touch: is gone\n");
  CHECK(after("sweep @1 :Sweep;", "tidy @1 :Sweep;") == "shelf.Command.sweep: its number now means tidy\n");
  CHECK(after("sweep @1 :Sweep;", "sweep @1 :Sweep $Bv.internal;") == "shelf.Command.sweep: is not offered any more\n");
  CHECK(after("shelf:write", "shelf:admin") == "shelf.Command.add: its scope was 'shelf:write', now it is 'shelf:admin'\n");
  CHECK(after("/api/shelf/{id}/things", "/api/shelf/{id}/stuff") ==
        "shelf.Command.add: the route POST /api/shelf/{id}/things (entity from path, 201) is gone\n");
  CHECK(after("success = 201", "success = 202").find("is gone") != std::string::npos);
  CHECK(after("weight @1 :UInt32 $Bv.max(100)", "weight @1 :UInt32 $Bv.max(100) $Bv.min(1)") ==
        "shelf.Command.add.weight: must be given from now on\n");
  CHECK(after("struct FindThings $Bv.route(method = \"GET\", path = \"/api/things\") $Bv.answers(\"Things\")", "struct FindThings") ==
        path + ":FindThings: the query is gone\n");
}

TEST_CASE("compatibility: enum values keep their numbers") {
  const auto found = after("small @0; large @1;", "large @0; small @1;");
  CHECK(found.find("the number of small now means large") != found.npos);
  CHECK(after("large @1; }", "}").find("the value large is gone") != std::string::npos);
}

TEST_CASE("compatibility: an aggregate that is gone, and a schema that is none") {
  const schema::contract_set nothing;
  CHECK(schema::breaches(parsed(released_text), nothing).front().what == "the aggregate is gone");
  const auto broken = schema::parse_contracts({{path, "struct {"}});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == "schema_invalid");
  CHECK(schema::read_schema_texts("/nowhere", "x").error().code == "schema_unreadable");
}
