# One run of a saga. Its id is `<definition>-<business id>`: checkout-ORDER1.
#
#            last step done
#   RUNNING ───────────────────────────────▶ COMPLETED
#    │   │ refused, given up, deadline, cancel       first step undone, after a cancel
#    │   └──────────────▶ COMPENSATING ─────────────▶ COMPENSATED or CANCELLED
#    │ fails after the point of   │ an undo fails for good
#    │ no return                  ▼
#    └────────────────────────▶ PARKED ──discard──▶ DISCARDED
#                                 └──redrive──▶ where it was
#
# What a step's calls answered is journaled as facts; what is to be called next follows from the state and the
# definition. So nothing is lost if a node dies anywhere in between: the calls are made again under the same ids.
@0xb1e7c0a1d5f06001;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::sagas::run::wire");
$Bv.aggregate(name = "saga", domain = "sagas");

enum Status {
  unstarted @0;  # never seen from outside
  running @1;
  compensating @2;
  completed @3;
  compensated @4;
  cancelled @5;
  parked @6;
  discarded @7;
}

enum StepStatus {
  pending @0;
  done @1;
  failed @2;
  undone @3;
}

enum Cause {
  none @0;
  failure @1;   # a step was refused or given up
  deadline @2;
  cancel @3;
}

struct Fault {
  kind @0 :Text $Bv.doc("Kind of error, as in problem documents.");
  code @1 :Text;
  message @2 :Text;
  step @3 :Text;
}

struct Step {
  name @0 :Text;
  status @1 :StepStatus;
  failedAttempts @2 :UInt32 $Bv.doc("Of its action, or of its compensation once that runs.");
  retryAt @3 :Int64 $Bv.instant;
  finishedAt @4 :Int64 $Bv.instant $Bv.doc("When it was done or undone.");
  fault @5 :Fault $Bv.optional $Bv.doc("What went wrong last.");
  results @6 :List(Data) $Bv.internal $Bv.doc("By call: what services, signals and other sagas answered.");
  refused @7 :List(UInt16) $Bv.internal $Bv.doc("Calls that certainly had no effect: there is nothing to undo.");
  renewed @8 :List(UInt16) $Bv.internal $Bv.doc("Calls that a redrive asks under a new id, because the answer to the old one stands.");
}

struct Signal {
  name @0 :Text;
  payload @1 :Text;
  at @2 :Int64 $Bv.instant;
}

# Who is told when the saga ends: another saga's step.
struct Follower {
  saga @0 :Text $Bv.doc("Its id.");
  step @1 :UInt16;
  branch @2 :UInt16;
  told @3 :Bool;
}

# How a saga ended that a step of this one waits for.
struct Member {
  step @0 :UInt16;
  branch @1 :UInt16;
  status @2 :Status;
  fault @3 :Fault $Bv.optional;
}

struct State $Bv.doc("The saga as it stands.") $Bv.route(method = "GET", path = "/api/sagas/{id}") $Bv.scope("saga:read") {
  definition @0 :Text;
  version @1 :UInt32 $Bv.doc("Of the definition; a saga ends on the version that it began with.");
  status @2 :Status;
  steps @3 :List(Step);
  current @4 :UInt32 $Bv.doc("Index of the step that is being done, or undone.");
  cause @5 :Cause $Bv.doc("Why it is, or was, compensated.");
  fault @6 :Fault $Bv.optional $Bv.doc("What went wrong.");
  pointOfNoReturnPassed @7 :Bool $Bv.doc("It can only go forward now.");
  startedAt @8 :Int64 $Bv.instant;
  deadlineAt @9 :Int64 $Bv.instant;
  stepTimeoutAt @10 :Int64 $Bv.instant;
  endedAt @11 :Int64 $Bv.instant;
  awaitedSignal @12 :Text $Bv.doc("The current step goes on when this signal comes; empty otherwise.");
  signals @13 :List(Signal) $Bv.maxLength(100) $Bv.doc("Received and not used yet.");
  followers @14 :List(Follower) $Bv.internal;
  members @15 :List(Member) $Bv.internal;
  parkedWhile @16 :Status $Bv.internal;
  input @17 :Data $Bv.internal;
  trace @18 :Text $Bv.internal;
  correlation @19 :Text;
}

struct Start {
  definition @0 :Text $Bv.minLength(1) $Bv.maxLength(64);
  version @1 :UInt32 $Bv.doc("0: the newest.");
  input @2 :Data $Bv.maxLength(262144);
  follower @3 :Follower $Bv.optional;
  trace @4 :Text $Bv.maxLength(256);
  correlation @5 :Text $Bv.maxLength(256);
}

struct Finished {
  step @0 :UInt16;
  results @1 :List(Data);
}

struct Broken {
  step @0 :UInt16;
  fault @1 :Fault;
  final @2 :Bool $Bv.doc("Asking again can't help.");
  refused @3 :List(UInt16);
  retryAfterMs @4 :UInt32 $Bv.doc("What the one who was asked wished for; 0 if nothing.");
}

struct Advance {
  basedOn @0 :UInt64 $Bv.doc("The saga's version that this was found out at; at any other it is without effect.");
  finished @1 :List(Finished) $Bv.doc("Steps done or undone, in that order.");
  broken @2 :Broken $Bv.optional $Bv.doc("The step after them.");
}

struct Receive {
  name @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"approved\"");
  payload @1 :Text $Bv.maxLength(65536) $Bv.doc("Whatever the step expects.") $Bv.example("\"\"");
}
struct Cancel { reason @0 :Text $Bv.maxLength(200) $Bv.example("\"customer called\""); }
struct Redrive {}
struct Discard { reason @0 :Text $Bv.minLength(1) $Bv.maxLength(200) $Bv.example("\"settled by hand\""); }
struct Wake {}
struct Join { follower @0 :Follower; cancel @1 :Bool; reason @2 :Text $Bv.maxLength(200); }
struct MemberEnds { member @0 :Member; }
struct FollowersTold {}

struct Command {
  union {
    start @0 :Start $Bv.internal
        $Bv.doc("Begins the saga. The same start again is accepted without effect. Rejections: saga_definition_unknown, saga_exists, saga_input_invalid.");
    advance @1 :Advance $Bv.internal $Bv.doc("The supervisor tells what it found out.");
    receive @2 :Receive $Bv.scope("saga:manage")
        $Bv.doc("Gives the saga a signal; it is kept until a step awaits it. Rejections: saga_unknown, saga_over, saga_too_many_signals.")
        $Bv.route(method = "POST", path = "/api/sagas/{id}/signals/{name}");
    cancel @3 :Cancel $Bv.scope("saga:manage")
        $Bv.doc("Undoes what was done so far and ends the saga. Accepted without effect if it is being undone already. Rejections: saga_unknown, saga_over, saga_parked, saga_past_point_of_no_return.")
        $Bv.route(method = "POST", path = "/api/sagas/{id}/cancel", success = 202);
    redrive @4 :Redrive $Bv.scope("saga:manage")
        $Bv.doc("Lets a parked saga go on where it stopped. Rejections: saga_unknown, saga_not_parked.")
        $Bv.route(method = "POST", path = "/api/sagas/{id}/redrive", success = 202);
    discard @5 :Discard $Bv.scope("saga:manage")
        $Bv.doc("Gives a parked saga up: somebody has put things right by hand. Rejections: saga_unknown, saga_not_parked.")
        $Bv.route(method = "POST", path = "/api/sagas/{id}/discard");
    wake @6 :Wake $Bv.internal $Bv.doc("Sent by its timers; without effect before their time.");
    join @7 :Join $Bv.internal
        $Bv.doc("Another saga wants to know how this one ends, and to have it cancelled if it still can be. Rejections: saga_unknown.");
    memberEnds @8 :MemberEnds $Bv.internal $Bv.doc("A saga that a step waits for has ended.");
    followersTold @9 :FollowersTold $Bv.internal;
  }
}

struct Started {
  definition @0 :Text;
  version @1 :UInt32;
  input @2 :Data;
  steps @3 :List(Text);
  deadlineAt @4 :Int64 $Bv.instant;
  next @5 :Next;
  follower @6 :Follower $Bv.optional;
  trace @7 :Text;
  correlation @8 :Text;
  at @9 :Int64 $Bv.instant;
}

# What the definition says of the step that begins.
struct Next {
  timeoutAt @0 :Int64 $Bv.instant;
  pointOfNoReturn @1 :Bool;
  awaitedSignal @2 :Text;
}

struct StepDone {
  step @0 :UInt16;
  results @1 :List(Data);
  next @2 :Next;
  at @3 :Int64 $Bv.instant;
}
struct AttemptFailed {
  step @0 :UInt16;
  failedAttempts @1 :UInt32;
  fault @2 :Fault;
  retryAt @3 :Int64 $Bv.instant;
  at @4 :Int64 $Bv.instant;
}
struct CompensationBegan {
  cause @0 :Cause;
  fault @1 :Fault;
  from @2 :UInt16 $Bv.doc("The last step that may have had an effect.");
  refused @3 :List(UInt16) $Bv.doc("Calls of that step that certainly had none.");
  at @4 :Int64 $Bv.instant;
}
struct StepUndone { step @0 :UInt16; at @1 :Int64 $Bv.instant; }
struct Completed { definition @0 :Text; at @1 :Int64 $Bv.instant; }
struct Compensated { cause @0 :Cause; at @1 :Int64 $Bv.instant; }
struct Parked { fault @0 :Fault; refused @1 :List(UInt16); at @2 :Int64 $Bv.instant; }
struct Redriven { at @0 :Int64 $Bv.instant; into @1 :Status $Bv.doc("What it was doing when it was parked, and does again."); }
struct Discarded { reason @0 :Text; at @1 :Int64 $Bv.instant; }
struct Signalled { signal @0 :Signal; }
struct Joined { follower @0 :Follower; }
struct MemberEnded { member @0 :Member; at @1 :Int64 $Bv.instant; }
struct FollowersInformed {}

struct Event {
  union {
    started @0 :Started;
    stepDone @1 :StepDone;
    attemptFailed @2 :AttemptFailed;
    compensationBegan @3 :CompensationBegan;
    stepUndone @4 :StepUndone;
    completed @5 :Completed;
    compensated @6 :Compensated;
    parked @7 :Parked;
    redriven @8 :Redriven;
    discarded @9 :Discarded;
    signalled @10 :Signalled;
    joined @11 :Joined;
    memberEnded @12 :MemberEnded;
    followersInformed @13 :FollowersInformed;
  }
}
