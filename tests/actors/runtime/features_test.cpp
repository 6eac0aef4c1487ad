// covers: actors/runtime/feature_level.cpp
#include "actors/runtime/features.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bv;
using namespace bv::runtime;

namespace {

node_hello node_of_level(std::uint32_t level) {
  return {.node = node_id{7}, .cluster = 1, .name = "node-b", .address = "b:1", .feature_level = level};
}

}  // namespace

TEST_CASE("features: this build understands all that there is, and what it says first") {
  CHECK(own_feature_level() >= level_of(feature::leaving_notice));
  CHECK(level_of(feature::leaving_notice) > oldest_feature_level);
  CHECK(name_of(feature::leaving_notice) == "leaving_notice");
  CHECK(own_feature_level() >= level_of(feature::log_mending));
  CHECK(name_of(feature::log_mending) == "log_mending");
}

TEST_CASE("features: nothing new is said before the cluster's level is raised, and that never falls") {
  feature_gate gate(2);
  CHECK(gate.level() == 1);
  CHECK_FALSE(gate.speaks(feature::leaving_notice));
  CHECK(gate.raise(2).has_value());
  CHECK(gate.speaks(feature::leaving_notice));
  CHECK(gate.raise(1).has_value());
  CHECK(gate.level() == 2);
}

TEST_CASE("features: a node that understands less than is said in the cluster is told so") {
  feature_gate gate(3);
  CHECK(gate.admit(node_of_level(1)).has_value());
  REQUIRE(gate.raise(2).has_value());
  CHECK(gate.admit(node_of_level(2)).has_value());
  CHECK(gate.admit(node_of_level(9)).has_value());
  const auto refused = gate.admit(node_of_level(1));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "feature_level_too_low");
  CHECK(refused.error().message ==
        "the cluster works at feature level 2, and node node-b understands 1: start a newer version on its data folder");
}

TEST_CASE("features: a cluster that has gone on without a node's version is not understood by it") {
  feature_gate gate(2);
  const auto outcome = gate.raise(3);
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == "feature_level_too_low");
  CHECK(outcome.error().message.find("this version understands 2") != std::string::npos);
}
