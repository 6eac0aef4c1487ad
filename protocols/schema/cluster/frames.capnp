# What the nodes of a cluster send each other: what the replicas of a shard say, requests for a shard that another node
# leads and their answers, and what its followers should know to go on where its leader stops. Each may be lost.
@0xb1e7c0a1d5f04402;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Replication = import "/protocols/schema/replication/messages.capnp";

$Cxx.namespace("bv::runtime::frames::wire");

struct Ask {
  number @0 :UInt64 $Bv.doc("The sender's own; the answer bears it.");
  entity @1 :Text;
  command @2 :Data;
  commandId @3 :Text;
  principal @4 :Text;
  trace @5 :Text;
  correlation @6 :Text;
  remainingMs @7 :UInt32 $Bv.doc("Until the deadline: the nodes' clocks differ.");
  expectsVersion @8 :Bool;
  expectedVersion @9 :UInt64;
  voids @10 :Text $Bv.doc("A command id; see command_request.");
}

struct Look {
  number @0 :UInt64;
  entity @1 :Text;
  remainingMs @2 :UInt32;
}

struct Receipt {
  version @0 :UInt64;
  events @1 :List(UInt16);
  repeated @2 :Bool;
}

struct View {
  version @0 :UInt64;
  state @1 :Data;
}

struct Failure {
  kind @0 :Text;
  code @1 :Text;
  message @2 :Text;
  context @3 :Text;
  retryAfterMs @4 :UInt32;
}

struct Outcome {
  union {
    receipt @0 :Receipt;
    view @1 :View;
    failure @2 :Failure;
  }
}

struct Answer {
  number @0 :UInt64;
  leader @1 :UInt64 $Bv.doc("Whom the answering node knows to lead the shard; 0 if nobody.");
  outcome @2 :Outcome;
}

# A subscription of the shard's log has dealt with everything up to here.
struct Cursor {
  subscription @0 :Text;
  offset @1 :UInt64;
}

# The leader took it of an entity. It comes before the news that its batch is committed, or is lost: then the next one does.
struct Snapshot {
  entity @0 :Text;
  version @1 :UInt64;
  index @2 :UInt64 $Bv.doc("Of the batch that made the entity so.");
  data @3 :Data;
}

struct Founder {
  node @0 :UInt64;
  name @1 :Text;
  address @2 :Text;
}

# How a cluster began: the same on all nodes, for ever.
struct Charter {
  cluster @0 :UInt64;
  shards @1 :UInt16;
  replicas @2 :UInt16;
  founders @3 :List(Founder) $Bv.doc("By name.");
  history @4 :UInt64 $Bv.doc("The founder whose logs the cluster goes on with, as after a restore; 0: all began with nothing.");
}

# A node that belongs to no cluster yet asks one that does.
struct AskCharter {
  node @0 :UInt64;
}

struct Welcome {
  charter @0 :Charter;
  admitted @1 :Bool $Bv.doc("Whoever asked is a member. Else it asks again: an operator may let it in.");
  members @2 :List(Founder) $Bv.doc("Of now: whom to turn to.");
}

struct Said {
  shard @0 :UInt16;
  body @1 :Replication.Body;
}

# What several shards say at one moment to their replicas at one node: heartbeats, and the answers to them.
struct Beat {
  said @0 :List(Said);
}

# How far is the shard committed? Asked by a node that wants to know everything that was committed anywhere before.
struct AskEnd {
  number @0 :UInt64 $Bv.doc("The sender's own; the answer bears it.");
}

# Only from a leader that a majority has confirmed after the question came; any other is silent.
struct End {
  number @0 :UInt64;
  committed @1 :UInt64 $Bv.doc("The index of the last committed batch, at least.");
}

# The sender stops, and should not be given the lead of the shard.
struct Leaving {}

struct Content {
  union {
    replication @0 :Replication.Body;
    ask @1 :Ask;
    look @2 :Look;
    answer @3 :Answer;
    cursor @4 :Cursor;
    welcome @5 :Welcome;
    askCharter @6 :AskCharter;
    snapshot @7 :Snapshot;
    beat @8 :Beat;
    askEnd @9 :AskEnd;
    end @10 :End;
    leaving @11 :Leaving;
  }
}

struct Frame {
  shard @0 :UInt16 $Bv.doc("0 if it is for the node, or for several.");
  content @1 :Content;
}
