# One order's payment. Sagas drive it and tell it what the processor answered.
#
#   REQUESTED ──authorize──▶ AUTHORIZED ──capture──▶ CAPTURED ──refund, all──▶ REFUNDED
#     │  │ decline,             │ voidAuthorization,   │  ▲ refund, part
#     │  │ 5th failed attempt   │ 30 min               └──┘
#     │  └─▶ DECLINED           ├─▶ VOIDED
#     └─ voidAuthorization ─────┘ or TIMED OUT
@0xb1e7c0a1d5f05005;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::payment::wire");
$Bv.aggregate(name = "payment", domain = "ecommerce");

enum Status {
  unrequested @0;  # never seen from outside
  requested @1;
  authorized @2;
  captured @3;
  refunded @4;
  declined @5;
  voided @6;
  timedOut @7;
}

struct Refund {
  id @0 :Text;
  amount @1 :Money;
  at @2 :Int64 $Bv.instant;
}

struct State $Bv.doc("The payment as it stands.")
    $Bv.route(method = "GET", path = "/api/payments/{id}") $Bv.scope("payment:read") {
  id @0 :Text;
  orderId @1 :Text;
  customer @2 :Text;
  amount @3 :Money $Bv.optional;
  status @4 :Status;
  authorizationCode @5 :Text;
  reason @6 :Text $Bv.doc("Why it was declined or voided; empty otherwise.");
  failedAttempts @7 :UInt32 $Bv.doc("Times that the processor could not be reached or gave no answer.");
  refunded @8 :Money $Bv.optional $Bv.doc("Sum of the refunds; absent if there are none.");
  refunds @9 :List(Refund) $Bv.key("id") $Bv.maxLength(100);
  requestedAt @10 :Int64 $Bv.instant;
  updatedAt @11 :Int64 $Bv.instant;
}

struct Request {
  orderId @0 :Text $Bv.minLength(1) $Bv.maxLength(128);
  customer @1 :Text $Bv.minLength(1) $Bv.maxLength(128);
  amount @2 :Money;
}
struct Authorize { authorizationCode @0 :Text $Bv.minLength(1) $Bv.maxLength(100); }
struct Decline { reason @0 :Text $Bv.minLength(1) $Bv.maxLength(200); }
struct RecordFailedAttempt { reason @0 :Text $Bv.minLength(1) $Bv.maxLength(200); }
struct Capture {}
struct VoidAuthorization { reason @0 :Text $Bv.maxLength(200); }
struct MakeRefund {
  refundId @0 :Text $Bv.generated $Bv.minLength(1) $Bv.maxLength(128);
  amount @1 :Money $Bv.optional $Bv.doc("All that is left if absent.") $Bv.example("{\"minor\": 500, \"currency\": \"USD\"}");
  reason @2 :Text $Bv.maxLength(200) $Bv.optional;
}
struct Reverse { refundId @0 :Text $Bv.minLength(1) $Bv.maxLength(128); reason @1 :Text $Bv.maxLength(200); }
struct Expire {}

struct Command {
  union {
    request @0 :Request $Bv.internal
        $Bv.doc("Asks for an order's money. The same request again is accepted without effect. Rejections: payment_exists, payment_transition (voided before it was asked for), amount_not_positive.");
    authorize @1 :Authorize $Bv.internal
        $Bv.doc("The processor holds the money. The same code again is accepted without effect. Rejections: payment_unknown, payment_transition, payment_timed_out.");
    decline @2 :Decline $Bv.internal
        $Bv.doc("The processor refused. Accepted without effect if it is declined already. Rejections: payment_unknown, payment_transition.");
    recordFailedAttempt @3 :RecordFailedAttempt $Bv.internal
        $Bv.doc("The processor gave no answer; the fifth time declines the payment. Rejections: payment_unknown, payment_transition.");
    capture @4 :Capture $Bv.internal
        $Bv.doc("Takes the money that is held. Accepted without effect if it is captured already. Rejections: payment_unknown, payment_transition, payment_timed_out.");
    voidAuthorization @5 :VoidAuthorization $Bv.internal
        $Bv.doc("Lets go of the money that is held, or forbids a payment that was not asked for yet. Accepted without effect if no money is held any more. Rejections: payment_transition (captured: refund it).");
    makeRefund @6 :MakeRefund $Bv.scope("payment:refund")
        $Bv.doc("Gives back all or part of what was captured. The same refund again is accepted without effect. Rejections: payment_unknown, payment_transition, amount_not_positive, refund_above_captured, refund_conflict, too_many_refunds, currency_mixed.")
        $Bv.route(method = "POST", path = "/api/payments/{id}/refunds", success = 201);
    reverse @7 :Reverse $Bv.internal
        $Bv.doc("Undoes the payment however far it came: voids it, or refunds all that is left. Never rejected but for too_many_refunds; without effect once no money is held.");
    expire @8 :Expire $Bv.internal $Bv.doc("Sent by the payment's timer 30 minutes after the request; without effect once it is captured or over.");
  }
}

struct Requested {
  id @0 :Text;
  orderId @1 :Text;
  customer @2 :Text;
  amount @3 :Money;
  at @4 :Int64 $Bv.instant;
}
struct Authorized { authorizationCode @0 :Text; at @1 :Int64 $Bv.instant; }
struct Declined { reason @0 :Text; at @1 :Int64 $Bv.instant; }
struct AttemptFailed { reason @0 :Text; attempt @1 :UInt32 $Bv.doc("Counted from 1."); at @2 :Int64 $Bv.instant; }
struct Captured { amount @0 :Money; at @1 :Int64 $Bv.instant; }
struct Voided { id @0 :Text; reason @1 :Text; at @2 :Int64 $Bv.instant; }
struct RefundMade {
  refundId @0 :Text;
  amount @1 :Money;
  left @2 :Money $Bv.doc("What of the captured money is left after it.");
  reason @3 :Text;
  at @4 :Int64 $Bv.instant;
}
struct TimedOut { at @0 :Int64 $Bv.instant; }

struct Event {
  union {
    requested @0 :Requested;
    authorized @1 :Authorized;
    declined @2 :Declined;
    attemptFailed @3 :AttemptFailed;
    captured @4 :Captured;
    voided @5 :Voided;
    refundMade @6 :RefundMade;
    timedOut @7 :TimedOut;
  }
}
