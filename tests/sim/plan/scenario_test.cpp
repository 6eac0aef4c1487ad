// covers: sim/plan/document.cpp, sim/plan/read_plan.cpp, sim/plan/table_reader.cpp, sim/plan/saga_steps.cpp
#include "sim/plan/scenario.hpp"

#include <doctest/doctest.h>

using namespace bv::sim;

namespace {

/// What reading such a file complains of.
std::string complaint(const std::string& text) {
  const auto read = read_scenario("name = \"x\"\n" + text, "x.toml");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == "scenario_invalid");
  return read.error().message;
}

bool complains(const std::string& text, std::string_view of) {
  const auto found = complaint(text);
  CAPTURE(found);
  return found.find(of) != std::string::npos;
}

}  // namespace

TEST_CASE("scenario: the head says what it is about") {
  const auto read = read_scenario(R"(
name = "torn"
about = "A write is torn."
seeds = "3..40"
expect_violation = "acknowledged_kept"
exhaustive = "journal_writes"
moments = ["torn", "after"]
)", "torn.toml");
  REQUIRE(read.has_value());
  CHECK(read->file == "torn.toml");
  CHECK(read->name == "torn");
  CHECK(read->about == "A write is torn.");
  CHECK(read->seeds == seed_range{3, 40});
  CHECK(read->expected.violation == "acknowledged_kept");
  CHECK(read->crash_at_every_write ==
        std::vector<trigger::write_moment>{trigger::write_moment::torn, trigger::write_moment::after});
}

TEST_CASE("scenario: the shortest has a name") {
  const auto read = read_scenario("name = \"x\"", "x.toml");
  REQUIRE(read.has_value());
  CHECK(read->seeds == seed_range{1, 1});
  CHECK(read->expected == expected_verdict{});
  CHECK(read->crash_at_every_write.empty());
  CHECK(read_scenario("", "x.toml").error().message == "x.toml:1:1: a scenario must have a key \"name\"");
}

TEST_CASE("scenario: an unknown key is refused where it stands, with the nearest that there is") {
  CHECK(complaint("[world]\n  shard = 3\n") == "x.toml:3:3: [world] has no key \"shard\"; did you mean \"shards\"?");
  CHECK(complains("[wrld]\n", "x.toml:2:2: a scenario has no key \"wrld\"; did you mean \"world\"?"));
  CHECK(complains("[patience]\nzzz = 1\n", "[patience] has no key \"zzz\"; there are answer_within, pause, attempts_max"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nlasts = \"5s\"\n", "[[fault]] crash has no key \"lasts\""));
  CHECK(complains("[[client]]\nname = \"a\"\nsteps = [{ wait = \"1s\", body = \"{}\" }]\n", "x.toml:4:25: a step has no key \"body\""));
}

TEST_CASE("scenario: all that is wrong with a file is said at once, in its order") {
  const auto found = complaint("seeds = \"9..1\"\n[world]\nnodes = 0\n[network]\ndelay = \"2s..1s\"\n");
  CHECK(found.find("x.toml:2:") == 0);
  CHECK(found.find("\nx.toml:4:") != std::string::npos);
  CHECK(found.find("\nx.toml:6:") != std::string::npos);
}

TEST_CASE("scenario: every value that could be drawn is checked") {
  CHECK(complains("[world]\nshards = [1, 4, 0]\n", "x.toml:3:17: \"shards\" must be a whole number from 1 to 1024"));
  CHECK(complains("[world]\nshards = []\n", "empty list"));
  CHECK(complains("[world]\nshards = { min = 5, max = 2 }\n", "the max of \"shards\" is below its min"));
  CHECK(complains("[world]\nshards = { min = 5 }\n", "{ min = …, max = … }"));
  CHECK(complains("[phases]\nchaos = [\"5s\", 5]\n", "x.toml:3:16: \"chaos\" must be text in quotes"));
  CHECK(complains("[world]\ntier = [\"memory\", \"rock\"]\n", "\"tier\" can't be \"rock\"; did you mean \"rocks\"?"));
  // This one strikes in no run, and is wrong all the same.
  CHECK(complains("[[fault]]\ndo = \"crash\"\nprobability = 0\ndown = 5\n", "\"down\" must be text"));
}

TEST_CASE("scenario: values of the wrong kind are refused with the right one") {
  CHECK(complains("[world]\nshuffle_turns = 1\n", "must be true or false"));
  CHECK(complains("[world]\nnodes = \"1\"\n", "must be a whole number from 1 to 64"));
  CHECK(complains("[network]\nloss_percent = 101\n", "from 0 to 100"));
  CHECK(complains("[phases]\nchaos = \"-5s\"\n", "must be at least 0s"));
  CHECK(complains("world = 3\n", "\"world\" must be a table of keys"));
  CHECK(complains("client = 3\n", "\"client\" must be a list of tables"));
  CHECK(complains("client = [3]\n", "\"client\" must be a list of tables"));
  CHECK(complains("about = 2026-01-01\n", "dates and times have no meaning here"));
  CHECK(complains("[[client]]\nname = \"a\"\nnode = \"1\"\n", "must be a node (\"n1\", \"n2\" …) or \"any\""));
  CHECK(complains("about = \n", "x.toml:2:"));
}

TEST_CASE("scenario: a step does one thing, and says of what") {
  CHECK(complains("[[client]]\nname = \"a\"\nsteps = [{ body = \"{}\" }]\n", "one of ask, view, await and wait"));
  CHECK(complains("[[client]]\nname = \"a\"\nsteps = [{ wait = \"1s\", view = \"cart/a\" }]\n", "one of ask, view, await and wait"));
  CHECK(complains("[[client]]\nname = \"a\"\nsteps = [{ ask = \"cart/a\" }]\n", "must have a key \"command\""));
  CHECK(complains("[[client]]\nname = \"a\"\nsteps = [{ await = \"cart/a\" }]\n", "must have a key \"in\""));
  CHECK(complains("[[client]]\n", "[[client]] must have a key \"name\""));
}

TEST_CASE("scenario: a fault has a kind and one trigger") {
  CHECK(complains("[[fault]]\n", "[[fault]] must have a key \"do\""));
  CHECK(complains("[[fault]]\ndo = \"crsh\"\n", "there is no fault \"crsh\"; did you mean \"crash\"?"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nat = \"1s\"\nevery = \"1s\"\n", "one of at, every, on, when and on_write"));
  CHECK(complains("[[fault]]\ndo = \"pause\"\non_write = 3\n", "only crash, disk_full and disk_error"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nevery = \"0s..1s\"\n", "\"every\": must be at least 1ms"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nprobability = 2\n", "a number from 0 to 1"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nnode = \"boss\"\n", "must be a node (\"n1\", \"n2\" …), \"leader\" or \"any\""));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nnode = \"leader\"\non_write = 3\n", "not of whoever leads"));
  CHECK(complains("[[fault]]\ndo = \"crash\"\nwhere = { step = 1 }\n", "[[fault]] crash has no key \"where\""));
  CHECK(complains("[[fault]]\ndo = \"crash\"\non = \"saga.stepDone\"\nwhere = { a = 1, b = 2 }\n", "one field and its value"));
  CHECK(complains("[[fault]]\ndo = \"link\"\n", "must name the two ends of a link"));
  CHECK(complains("[[fault]]\ndo = \"link\"\nbetween = [\"clients\", \"disk\"]\n", "an end of a link is"));
}

TEST_CASE("scenario: a trigger on a saga's step knows the saga and the step") {
  const std::string crash = "[[fault]]\ndo = \"crash\"\nwhen = ";
  CHECK(complains(crash + "{ saga = \"checkot\", done = \"fulfil\" }\n", "there is no saga \"checkot\"; did you mean \"checkout\"?"));
  CHECK(complains(crash + "{ saga = \"checkout\", done = \"fulfill\" }\n", "saga checkout has no step \"fulfill\"; did you mean \"fulfil\"?"));
  CHECK(complains(crash + "{ saga = \"checkout\" }\n", "or undone instead of done"));
  CHECK(complains(crash + "{ saga = \"checkout\", done = \"fulfil\", step = 3 }\n", "\"when\" has no key \"step\""));
}

TEST_CASE("scenario: only every write can be crashed at exhaustively, at moments that there are") {
  CHECK(complains("exhaustive = \"messages\"\n", "can only be \"journal_writes\""));
  CHECK(complains("exhaustive = \"journal_writes\"\nmoments = [\"befor\"]\n", "did you mean \"before\"?"));
  CHECK(complains("exhaustive = \"journal_writes\"\nmoments = []\n", "at least one"));
}

TEST_CASE("scenario: shoppers need a shelf") {
  CHECK(complains("[workload]\nusers = 3\n", "x.toml:2:1: [workload] needs at least one [[shelf]]"));
}
