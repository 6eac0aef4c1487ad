# What the replicas of a shard say to each other, and what they write into the log besides batches. Raft's own messages
# (Ongaro, "Consensus: Bridging Theory and Practice", figure 3.1, 4.2.3, 9.6 and 3.10), and a round of questions before a
# read. Every one may be lost, come twice or late.
@0xb1e7c0a1d5f04301;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::replication::encoded::wire");

struct VoteRequest {
  term @0 :UInt64;
  candidate @1 :UInt64;
  lastIndex @2 :UInt64;
  lastTerm @3 :UInt64;
  disruptLeader @4 :Bool $Bv.doc("The leader itself asked for this election.");
  preVote @5 :Bool;
}

struct VoteAnswer {
  term @0 :UInt64;
  granted @1 :Bool;
  preVote @2 :Bool;
}

struct AppendRequest {
  term @0 :UInt64;
  previousIndex @1 :UInt64;
  previousTerm @2 :UInt64;
  committed @3 :UInt64;
  entries @4 :List(Data) $Bv.doc("Sealed batches, from previousIndex + 1 on without gaps.");
}

struct AppendAnswer {
  term @0 :UInt64;
  rejected @1 :UInt64 $Bv.doc("The previousIndex that did not fit; 0 if it did.");
  lastIndex @2 :UInt64 $Bv.doc("How far the log is durable and the leader's own; a hint if it did not fit.");
}

struct TakeOver {
  term @0 :UInt64;
  lastIndex @1 :UInt64;
  lastTerm @2 :UInt64;
}

# Is your term still mine? Asked before a read, answered only with yes.
struct ReadRound {
  term @0 :UInt64;
  round @1 :UInt64;
}

struct ReadRoundAnswer {
  term @0 :UInt64;
  round @1 :UInt64;
}

# Committed batches in the place of some that do not check out on the sender's disk. Any member may answer.
struct MendRequest {
  from @0 :UInt64;
  through @1 :UInt64;
  session @2 :UInt64 $Bv.doc("Another one each time that a log is mended: an answer to an earlier one may be out of date.");
}

struct MendAnswer {
  from @0 :UInt64 $Bv.doc("As asked.");
  entries @1 :List(Data) $Bv.doc("Sealed batches from there on, all of them committed; none if that is not, or is not sound here.");
  committed @2 :UInt64 $Bv.doc("How far the sender knows the log to be committed.");
  last @3 :UInt64 $Bv.doc("Where the sender's log ended then.");
  term @4 :UInt64;
  leads @5 :Bool $Bv.doc("In that term, and everything of earlier ones was committed.");
  session @6 :UInt64 $Bv.doc("As asked.");
}

struct Body {
  union {
    voteRequest @0 :VoteRequest;
    voteAnswer @1 :VoteAnswer;
    appendRequest @2 :AppendRequest;
    appendAnswer @3 :AppendAnswer;
    takeOver @4 :TakeOver;
    readRound @5 :ReadRound;
    readRoundAnswer @6 :ReadRoundAnswer;
    mendRequest @7 :MendRequest;
    mendAnswer @8 :MendAnswer;
  }
}

struct Message {
  shard @0 :UInt16;
  sender @1 :UInt64;
  receiver @2 :UInt64;
  body @3 :Body;
}

enum ServerRole {
  learner @0;   # gets the log, has no vote
  voter @1;
  observer @2;  # gets nothing until it is made a learner: libraft's way to add a server
}

struct Server {
  id @0 :UInt64;
  role @1 :ServerRole;
}

# The body of a control batch of kind 2.
struct Configuration {
  servers @0 :List(Server);
}
