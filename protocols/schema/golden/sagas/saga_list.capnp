# Sagas to look through, newest first, and those that wait for a person.
@0xb1e7c0a1d5f06201;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Saga = import "/protocols/schema/sagas/saga.capnp";

$Cxx.namespace("bv::sagas::saga_list::wire");

struct SagaRow {
  id @0 :Text;
  definition @1 :Text;
  version @2 :UInt32;
  status @3 :Saga.Status;
  step @4 :Text $Bv.doc("The step that failed last; empty if none did.");
  code @5 :Text $Bv.doc("With what it failed.");
  message @6 :Text;
  startedAt @7 :Int64 $Bv.instant;
  updatedAt @8 :Int64 $Bv.instant $Bv.doc("When the status last changed.");
}

struct ListSagas $Bv.doc("Sagas, newest first. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/sagas") $Bv.scope("saga:read") $Bv.answers("SagaPage") {
  status @0 :Saga.Status $Bv.doc("Only these; `unstarted` or absent for all.");
  definition @1 :Text $Bv.optional $Bv.maxLength(64) $Bv.doc("Only runs of this definition.");
  limit @2 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @3 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before, with the same filters.");
}

struct ListDeadLetters $Bv.doc("Sagas that are parked: redrive or discard them. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/deadletters") $Bv.scope("saga:read") $Bv.answers("SagaPage") {
  definition @0 :Text $Bv.optional $Bv.maxLength(64) $Bv.doc("Only runs of this definition.");
  limit @1 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @2 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before, with the same filter.");
}

struct SagaPage {
  items @0 :List(SagaRow);
  nextCursor @1 :Text $Bv.optional $Bv.doc("Absent on the last page. A page may be short and yet have one.");
  lag @2 :UInt64 $Bv.doc("Events that the view is behind.");
}
