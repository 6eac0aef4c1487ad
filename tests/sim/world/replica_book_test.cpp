#include "sim/world/replica_book.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bv;
using namespace bv::sim;
using storage::log_index;
using storage::shard_id;

namespace {

struct book_of_test {
  std::vector<std::string> complaints;
  replica_book book{[this](std::string what) { complaints.push_back(std::move(what)); }};
};

}  // namespace

TEST_CASE("replica book: a batch is new once, whoever tells it") {
  book_of_test of;
  CHECK(of.book.add("n1", shard_id{0}, log_index{1}, "a"));
  CHECK_FALSE(of.book.add("n2", shard_id{0}, log_index{1}, "a"));
  CHECK_FALSE(of.book.add("n1", shard_id{0}, log_index{1}, "a"));
  CHECK(of.book.add("n2", shard_id{0}, log_index{2}, "b"));
  CHECK(of.complaints.empty());
}

TEST_CASE("replica book: shards have logs of their own") {
  book_of_test of;
  CHECK(of.book.add("n1", shard_id{0}, log_index{1}, "a"));
  CHECK(of.book.add("n1", shard_id{1}, log_index{1}, "b"));
  CHECK(of.complaints.empty());
}

TEST_CASE("replica book: two contents of one place are told, with the node, the batch and the shard") {
  book_of_test of;
  of.book.add("n1", shard_id{3}, log_index{1}, "a");
  CHECK_FALSE(of.book.add("n2", shard_id{3}, log_index{1}, "b"));
  REQUIRE(of.complaints.size() == 1);
  CHECK(of.complaints.front() == "n2 has something else committed as batch 1 of shard 3");
}

TEST_CASE("replica book: a gap in what is committed is told") {
  book_of_test of;
  of.book.add("n1", shard_id{0}, log_index{1}, "a");
  CHECK(of.book.add("n1", shard_id{0}, log_index{3}, "c"));
  REQUIRE(of.complaints.size() == 1);
  CHECK(of.complaints.front() == "n1 has committed batch 3 of shard 0, and nobody the one before");
}
