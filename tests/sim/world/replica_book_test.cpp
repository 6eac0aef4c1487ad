#include "sim/world/replica_book.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "storage/batch.hpp"

using namespace bv;
using namespace bv::sim;
using storage::log_index;
using storage::shard_id;
using storage::term_number;

namespace {

constexpr shard_id first_shard{0};

bytes batch(std::uint64_t index, std::uint64_t term = 1, std::string_view content = "a") {
  storage::batch_builder builder(log_index{index}, storage::event_offset{index});
  builder.add({.entity = "default/cart/a", .version = index}, std::vector<storage::event_view>{{1, content}});
  return std::move(builder).finish(term_number{term}, timestamp{1});
}

struct book_of_three {
  /// On the disks of these nodes, and committed by the first of them.
  bool commit(const bytes& data, std::uint64_t index, std::vector<std::uint64_t> holders = {1, 2}, shard_id shard = first_shard) {
    for (const auto node : holders) book.written(node, shard, log_index{index}, data);
    return book.add(holders.front(), shard, log_index{index}, data);
  }
  void say(std::uint64_t from, std::uint64_t to, replication::body what, std::uint64_t term, std::uint64_t vote = 0, std::uint64_t last = 0) {
    book.sent(from, to, first_shard, what, {{term_number{term}, vote}, log_index{last}});
  }
  /// Votes for a candidate, itself among them, as they should be.
  void elect(std::uint64_t candidate, std::uint64_t term, const std::vector<std::uint64_t>& voters) {
    say(candidate, 0, replication::vote_request{term, candidate, 0, 0, false, false}, term, candidate);
    for (const auto voter : voters) say(voter, candidate, replication::vote_answer{term, true, false}, term, candidate);
  }
  void lead(std::uint64_t node, std::uint64_t term) { say(node, 0, replication::append_request{.term = term, .entries = {}}, term); }

  std::vector<std::string> complaints;
  replica_book book{3, [this](std::string_view invariant, const std::string& what) {
                      complaints.push_back(std::string(invariant) + ": " + what);
                    }};
};

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("replica book: a batch is new once, whoever tells it") {
  book_of_three of;
  CHECK(of.commit(batch(1), 1));
  CHECK_FALSE(of.book.add(2, first_shard, log_index{1}, batch(1)));
  CHECK_FALSE(of.book.add(1, first_shard, log_index{1}, batch(1)));
  CHECK(of.commit(batch(2), 2, {2, 3}));
  CHECK(of.complaints.empty());
}

TEST_CASE("replica book: shards have logs of their own") {
  book_of_three of;
  CHECK(of.commit(batch(1), 1));
  CHECK(of.commit(batch(1, 1, "b"), 1, {1, 2}, shard_id{1}));
  CHECK(of.complaints.empty());
}

TEST_CASE("replica book: two contents of one place are told, with the node, the batch and the shard") {
  book_of_three of;
  of.commit(batch(1), 1);
  CHECK_FALSE(of.book.add(2, first_shard, log_index{1}, batch(1, 1, "b")));
  CHECK(of.complaints == lines{"replicas_agree: n2 has something else committed as batch 1 of shard 0"});
}

TEST_CASE("replica book: a gap in what is committed is told") {
  book_of_three of;
  of.commit(batch(1), 1);
  CHECK(of.commit(batch(3), 3));
  CHECK(of.complaints == lines{"replicas_agree: n1 has committed batch 3 of shard 0, and nobody the one before"});
}

TEST_CASE("replica book: terms do not fall") {
  book_of_three of;
  of.commit(batch(1), 1);
  of.commit(batch(2, 5), 2);
  of.commit(batch(3, 4), 3);
  CHECK(of.complaints == lines{"replicas_agree: batch 3 of shard 0 is of term 4, and the one before of a later one"});
}

TEST_CASE("replica book: what is committed is on a majority's disks, with the same content") {
  book_of_three of;
  of.commit(batch(1), 1, {1});  // each founder has it from nobody
  CHECK(of.complaints.empty());
  SUBCASE("it is on one") { of.commit(batch(2), 2, {1}); }
  SUBCASE("another has something else") {
    of.book.written(2, first_shard, log_index{2}, batch(2, 1, "b"));
    of.commit(batch(2), 2, {1});
  }
  CHECK(of.complaints == lines{"commits_are_safe: n1 holds batch 2 of shard 0 to be committed, and it is on 1 disks; a majority is 2"});
}

TEST_CASE("replica book: a leader counts only what is of its own term") {
  book_of_three of;
  of.elect(1, 4, {2});
  of.lead(1, 4);
  of.commit(batch(1), 1);
  of.commit(batch(2, 3), 2);
  of.commit(batch(3, 4), 3);
  of.book.first_to_commit(1, first_shard, log_index{3}, term_number{4});
  of.book.first_to_commit(2, first_shard, log_index{2}, term_number{4});  // a follower hears of a part
  CHECK(of.complaints.empty());
  of.book.first_to_commit(1, first_shard, log_index{2}, term_number{4});
  CHECK(of.complaints == lines{"commits_are_safe: n1 leads term 4 of shard 0 and counts batch 2 of shard 0, which is of term 3"});
}

TEST_CASE("replica book: a leader that a majority voted for is one, and no other in its term") {
  book_of_three of;
  of.elect(1, 2, {3});
  of.lead(1, 2);
  of.lead(1, 2);
  of.elect(2, 3, {3});
  of.lead(2, 3);
  CHECK(of.complaints.empty());
  of.lead(3, 3);
  CHECK(of.complaints == lines{"one_leader_a_term: n2 and n3 both lead term 3 of shard 0"});
}

TEST_CASE("replica book: too few votes make no leader, nor do those of another term or of a pre-vote") {
  book_of_three of;
  of.elect(1, 2, {3});
  of.elect(1, 3, {});
  of.say(2, 1, replication::vote_answer{3, true, true}, 3);
  of.say(3, 1, replication::vote_answer{3, false, false}, 3);
  of.lead(1, 3);
  CHECK(of.complaints == lines{"one_leader_a_term: n1 leads term 3 of shard 0 with 1 votes; a majority is 2"});
}

TEST_CASE("replica book: a vote and a term are on the disk before they are told") {
  book_of_three of;
  const lines told{"promises_kept: n2 tells n1 what is not on its disk, in term 3 of shard 0"};
  SUBCASE("the vote is not") { of.say(2, 1, replication::vote_answer{3, true, false}, 3, 0); }
  SUBCASE("the term is not") { of.say(2, 1, replication::vote_answer{3, true, false}, 2, 1); }
  SUBCASE("a candidate's vote for itself is not") { of.say(2, 1, replication::vote_request{3, 2, 0, 0, false, false}, 3, 0); }
  SUBCASE("a leader's term is not") {
    of.elect(2, 3, {1});
    of.say(2, 1, replication::append_request{.term = 3, .entries = {}}, 2);
  }
  SUBCASE("the term of an answer is not") { of.say(2, 1, replication::append_answer{3, 7, 0}, 2); }
  CHECK(of.complaints == told);
}

TEST_CASE("replica book: a refusal and a pre-vote promise nothing") {
  book_of_three of;
  of.say(2, 1, replication::vote_answer{3, false, false}, 2);
  of.say(2, 1, replication::vote_answer{3, true, true}, 2);
  of.say(2, 1, replication::vote_request{3, 2, 0, 0, false, true}, 2);
  CHECK(of.complaints.empty());
}

TEST_CASE("replica book: a success is told when it is on the disk") {
  book_of_three of;
  of.say(2, 1, replication::append_answer{3, 0, 5}, 3, 0, 5);
  of.say(2, 1, replication::append_answer{3, 4, 9}, 3, 0, 5);  // refused: the number is a hint
  CHECK(of.complaints.empty());
  of.say(2, 1, replication::append_answer{3, 0, 6}, 3, 0, 5);
  CHECK(of.complaints == lines{"promises_kept: n2 tells n1 what is not on its disk, in term 3 of shard 0"});
}

TEST_CASE("replica book: nobody votes twice in a term") {
  book_of_three of;
  of.elect(1, 3, {2});
  of.elect(1, 3, {2});
  CHECK(of.complaints.empty());
  of.elect(3, 3, {2});
  CHECK(of.complaints == lines{"promises_kept: n2 votes for n1 and for n3 in term 3 of shard 0"});
}

TEST_CASE("replica book: what a node told a term's leader that it has, it keeps while the term lasts") {
  book_of_three of;
  of.say(2, 1, replication::append_answer{.term = 3, .last_index = 5}, 3, 0, 5);
  of.book.truncated(2, first_shard, log_index{6}, term_number{3});
  of.book.truncated(2, shard_id{1}, log_index{5}, term_number{3});
  of.book.truncated(3, first_shard, log_index{5}, term_number{3});
  of.book.truncated(2, first_shard, log_index{4}, term_number{4});
  of.say(2, 1, replication::append_answer{.term = 3, .rejected = 9, .last_index = 8}, 3, 0, 8);  // nobody counts that
  of.book.truncated(2, first_shard, log_index{7}, term_number{3});
  CHECK(of.complaints.empty());
  of.book.truncated(2, first_shard, log_index{5}, term_number{3});
  CHECK(of.complaints == lines{"promises_kept: n2 drops batch 5 of shard 0 and what comes after it, and told the leader of term 3 of "
                               "shard 0 that it has all up to 5"});
}

TEST_CASE("replica book: what a node has dropped is on its disk no more") {
  book_of_three of;
  of.commit(batch(1), 1, {1, 2});
  of.book.written(2, first_shard, log_index{2}, batch(2));
  of.book.truncated(2, first_shard, log_index{2}, term_number{1});
  of.commit(batch(2), 2, {1});
  CHECK(of.complaints == lines{"commits_are_safe: n1 holds batch 2 of shard 0 to be committed, and it is on 1 disks; a majority is 2"});
}

TEST_CASE("replica book: what is committed, and was on its disk, no node drops, in whatever term") {
  book_of_three of;
  of.commit(batch(1), 1, {1, 2, 3});
  of.commit(batch(2), 2, {1, 2});
  of.commit(batch(1), 1, {1, 2}, shard_id{1});
  of.book.written(3, first_shard, log_index{2}, batch(2, 1, "b"));  // of a branch that lost
  of.book.written(3, first_shard, log_index{3}, batch(3, 1, "b"));
  of.book.written(2, first_shard, log_index{3}, batch(3));          // of which nobody knows yet
  of.book.truncated(3, first_shard, log_index{2}, term_number{5});
  of.book.truncated(2, first_shard, log_index{3}, term_number{5});
  CHECK(of.complaints.empty());
  of.book.truncated(2, first_shard, log_index{2}, term_number{5});
  CHECK(of.complaints == lines{"promises_kept: n2 drops batch 2 of shard 0, which is committed"});
}
