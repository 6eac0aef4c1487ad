# Who belongs to a cluster, and which nodes vote on which shard. There is one such entity, `cluster/members`; what operators
# ask for and what the nodes find out are commands to it, and every node follows its events.
#
#                join                        drain
#   (waiting) ─────────▶ active ◀────────────────────────────▶ draining
#                 resume   │  ▲
#   silent for long: lose  │  │ regain
#                          ▼  │            remove, replace           no shard counts on it   none knows it
#                         lost             ──────────────▶ leaving ────────────────────▶ parting ────▶ (removed, for ever)
#
# A shard's place is a wish until the shard's leader has changed its group so, and says `settle`. Only a few are under way at a time.
@0xb1e7c0a1d5f04403;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::runtime::members::wire");
$Bv.aggregate(name = "cluster", domain = "cluster");

enum Standing {
  active @0;
  draining @1;  # leads nothing, and votes only where nobody else could
  lost @2;      # silent for so long that others vote in its place
  leaving @3;   # others get its votes; it still follows every shard, so that it hears what to hand over
  parting @4;   # counts nowhere any more; no shard is to send it anything
}

struct Node {
  id @0 :UInt64 $Bv.doc("The life of a data folder.");
  name @1 :Text $Bv.doc("[node] id; no two members have the same, but for one that is being replaced.");
  address @2 :Text $Bv.doc("HOST:PORT where it listens for the others.");
  standing @3 :Standing;
  featureLevel @4 :UInt32;
  since @5 :Int64 $Bv.instant $Bv.doc("It stands so.");
}

struct Place {
  voters @0 :List(UInt64) $Bv.doc("Ids; the first leads if all is well.");
  revision @1 :UInt32 $Bv.doc("Counts how often it was changed.");
  settled @2 :Bool $Bv.doc("The shard's group is so.");
}

struct Identity {
  id @0 :UInt64 $Bv.min(1);
  name @1 :Text $Bv.minLength(1) $Bv.maxLength(64);
  address @2 :Text $Bv.maxLength(300);
  featureLevel @3 :UInt32;
}

struct State $Bv.doc("The cluster's nodes and the places of its shards.") {
  cluster @0 :UInt64;
  replicas @1 :UInt16;
  nodes @2 :List(Node) $Bv.doc("By name.");
  shards @3 :List(Place) $Bv.doc("By number.");
  balancing @4 :Bool $Bv.doc("Votes and leaderships are being spread evenly.");
  removed @5 :List(UInt64) $Bv.internal $Bv.doc("Ids that never come back, oldest first.");
}

struct Found {
  cluster @0 :UInt64;
  shards @1 :UInt16 $Bv.min(1);
  replicas @2 :UInt16 $Bv.min(1);
  founders @3 :List(Identity) $Bv.minLength(1);
  history @4 :Bool $Bv.doc("One of them brought the logs with it: it votes on all shards until they are settled.");
}
struct Join { node @0 :Identity; }
struct Replace { name @0 :Text $Bv.doc("Of the one that goes."); node @1 :Identity; }
struct Drain { name @0 :Text; }
struct Resume { name @0 :Text; }
struct Remove {
  name @0 :Text;
  fewerReplicas @1 :Bool $Bv.doc("Also if the others are then too few for all replicas.");
}
struct Rebalance {}
struct Prefer { shard @0 :UInt16; name @1 :Text; }
struct Lose { id @0 :UInt64; }
struct Regain { id @0 :UInt64; featureLevel @1 :UInt32; address @2 :Text $Bv.maxLength(300); }
struct Settle { shard @0 :UInt16; revision @1 :UInt32; }

struct Command {
  union {
    found @0 :Found $Bv.internal $Bv.doc("The founders say how the cluster began. Without effect once it has.");
    join @1 :Join $Bv.internal
        $Bv.doc("A waiting node becomes a member. Rejections: name_taken, node_removed.");
    replace @2 :Replace $Bv.internal
        $Bv.doc("A waiting node takes the places of a member, which leaves. Rejections: unknown_node, name_taken, node_leaving.");
    drain @3 :Drain $Bv.internal
        $Bv.doc("A node leads nothing any more, and hands its votes to others if there are enough. Rejections: unknown_node, node_leaving, too_few_nodes.");
    resume @4 :Resume $Bv.internal $Bv.doc("The end of a drain. Rejections: unknown_node, node_leaving.");
    remove @5 :Remove $Bv.internal $Bv.doc("A member leaves for ever. Rejections: unknown_node, too_few_nodes.");
    rebalance @6 :Rebalance $Bv.internal $Bv.doc("Spreads votes and leaderships evenly, a few shards at a time.");
    prefer @7 :Prefer $Bv.internal
        $Bv.doc("Another voter of a shard is to lead it. Rejections: unknown_shard, unknown_node, not_a_voter, node_not_active.");
    lose @8 :Lose $Bv.internal $Bv.doc("A node has been silent for too long: others vote in its place, if there are enough.");
    regain @9 :Regain $Bv.internal $Bv.doc("A node is heard again, or says something new of itself.");
    settle @10 :Settle $Bv.internal $Bv.doc("A shard's group is as it was wished. Without effect if the wish has changed.");
  }
}

struct Founded {
  cluster @0 :UInt64;
  replicas @1 :UInt16;
  nodes @2 :List(Identity);
  shards @3 :List(Place);
  at @4 :Int64 $Bv.instant;
}
struct Joined { node @0 :Identity; at @1 :Int64 $Bv.instant; }
struct Stood { id @0 :UInt64; standing @1 :Standing; at @2 :Int64 $Bv.instant; }
struct Described { id @0 :UInt64; featureLevel @1 :UInt32; address @2 :Text; at @3 :Int64 $Bv.instant; }
struct Placed { shard @0 :UInt16; voters @1 :List(UInt64); at @2 :Int64 $Bv.instant; }
struct Settled { shard @0 :UInt16; revision @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct Balancing { on @0 :Bool; at @1 :Int64 $Bv.instant; }
struct Removed { id @0 :UInt64; name @1 :Text; at @2 :Int64 $Bv.instant; }

struct Event {
  union {
    founded @0 :Founded;
    joined @1 :Joined $Bv.doc("Every shard's group is to have it as a follower at least.");
    stood @2 :Stood;
    described @3 :Described;
    placed @4 :Placed;
    settled @5 :Settled;
    balancing @6 :Balancing;
    removed @7 :Removed;
  }
}
