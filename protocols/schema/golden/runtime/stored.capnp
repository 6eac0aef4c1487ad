# What the runtime itself keeps in the journal and in snapshots, besides the aggregates' own events and states.
@0xb1e7c0a1d5f04201;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::runtime::stored::wire");

struct Accepted {
  version @0 :UInt64 $Bv.doc("Of the entity after the command.");
  events @1 :List(UInt16) $Bv.doc("Ordinals in the contract's Event union.");
}

struct Rejected {
  kind @0 :Text;
  code @1 :Text;
  message @2 :Text;
  context @3 :Text;
}

# The first answer to a command, kept so that a retry gets it again.
struct Reply {
  union {
    accepted @0 :Accepted;
    rejected @1 :Rejected;
  }
}

struct Remembered {
  idHigh @0 :UInt64 $Bv.doc("XXH3-128 of the command id.");
  idLow @1 :UInt64;
  bodyHash @2 :UInt64;
  at @3 :Int64 $Bv.instant;
  reply @4 :Data;
}

struct EntitySnapshot {
  state @0 :Data $Bv.doc("Message of the contract's State.");
  commands @1 :List(Remembered) $Bv.doc("Oldest first.");
}
