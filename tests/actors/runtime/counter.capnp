# The smallest aggregate that uses everything the runtime offers: the runtime's tests are about this one.
@0xb1e7c0a1d5f0f001;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::test::counter::wire");
$Bv.aggregate(name = "counter", domain = "test", snapshotEvery = 10);

struct State {
  sum @0 :Int64;
  remindAt @1 :Int64 $Bv.instant;
  reminders @2 :UInt32;
}

struct Add { amount @0 :Int64 $Bv.min(-1000) $Bv.max(1000); }
struct Touch {}
struct RemindAt { at @0 :Int64 $Bv.instant; }
struct Remind {}

struct Command {
  union {
    add @0 :Add $Bv.doc("Adds; the sum may not become negative.");
    touch @1 :Touch $Bv.doc("Accepted without an event.");
    remindAt @2 :RemindAt;
    remind @3 :Remind $Bv.internal;
  }
}

struct Added { amount @0 :Int64; }
struct ReminderSet { at @0 :Int64 $Bv.instant; }
struct Reminded {}

struct Event {
  union {
    added @0 :Added;
    reminderSet @1 :ReminderSet;
    reminded @2 :Reminded;
  }
}
