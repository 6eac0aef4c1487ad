# How two nodes introduce themselves when one has dialed the other: a Hello each way, or a Refusal instead of it. What goes
# around these messages is described in protocols/cluster/frame.hpp; it and Refusal stay as they are in every later version, so that any
# two versions can tell each other why they don't speak.
@0xb1e7c0a1d5f04401;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::cluster::encoded::wire");

struct Hello {
  node @0 :UInt64 $Bv.doc("The life of a data folder.");
  instance @1 :UInt64 $Bv.doc("Drawn when the process started: who hears its own has dialed itself.");
  cluster @2 :UInt64 $Bv.doc("0: belongs to none yet.");
  name @3 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]*") $Bv.doc("Its certificate is for this name.");
  address @4 :Text $Bv.maxLength(300) $Bv.pattern("[^[:cntrl:]]*") $Bv.doc("HOST:PORT where it listens for the others.");
  featureLevel @5 :UInt32;
  membersVersion @6 :UInt64 $Bv.doc("How many events of the cluster's membership it knows: whoever knows less lets a stranger in.");
  hasLog @7 :Bool $Bv.doc("Its logs are not empty: it may begin a cluster, or belong to one, and can't join one.");
}

struct Refusal {
  code @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[a-z0-9_]*");
  message @1 :Text $Bv.maxLength(1000) $Bv.pattern("[^[:cntrl:]]*");
}
