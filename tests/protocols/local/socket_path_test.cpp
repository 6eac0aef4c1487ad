#include "protocols/local/socket_path.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/protocols/local/deep_folder.hpp"

using namespace bv;
using namespace bv::local;

TEST_CASE("socket path: one that fits is taken as it is") {
  const std::string longest(107, 'x');
  CHECK(socket_path::of(longest)->name() == longest);
}

TEST_CASE("socket path: one that is too long is reached by another name for its folder") {
  const deep_folder deep;
  const auto path = deep.path + "/a.sock";
  REQUIRE(path.size() > 107);
  const auto made = socket_path::of(path);
  REQUIRE(made);
  CHECK(made->name().size() <= 107);
  std::ofstream(made->name()) << "here";
  CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("socket path: a folder that is not there, and a name that is too long, are told") {
  CHECK(socket_path::of("/nowhere/" + std::string(200, 'x')).error().code == "no_such_folder");
  const deep_folder deep;
  CHECK(socket_path::of(deep.path + "/" + std::string(100, 'x')).error().code == "bad_socket_path");
}
