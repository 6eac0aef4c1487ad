#include "sim/hunt/run_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using bv::sim::run_folder;

TEST_CASE("run folder: each is new, and gone with what is in it") {
  const run_folder parent("");
  std::string first;
  {
    const run_folder one(parent.path()), other(parent.path());
    first = one.path();
    CHECK(first != other.path());
    CHECK(std::filesystem::path(first).parent_path() == parent.path());
    std::ofstream(first + "/file") << "text";
    CHECK(std::filesystem::exists(first + "/file"));
  }
  CHECK_FALSE(std::filesystem::exists(first));
}

TEST_CASE("run folder: where there can be none its path is empty") {
  CHECK(run_folder("/nowhere/at/all").path().empty());
}
