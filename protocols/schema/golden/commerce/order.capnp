# An order, made of a cart by the checkout saga.
#
#   PENDING ──confirm──▶ CONFIRMED ──markPaid──▶ PAID ──ship──▶ SHIPPED ──deliver──▶ DELIVERED
#      │ cancel, 30 min      │ cancel, 30 min      │ │ cancel      │                    │
#      └─────────────────────┴─────────────────────┼─┴─▶ CANCELLED │                    │
#                                                  └───────────────┴──completeRefund────┴──▶ REFUNDED
#
# A customer's wish to cancel or to be refunded is recorded as a request; the saga that follows it does the
# work and then sends `cancel`, `completeRefund`, or `declineRequest` if it could not.
@0xb1e7c0a1d5f05003;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;
using Line = import "/protocols/schema/commerce/line.capnp".Line;

$Cxx.namespace("bv::commerce::order::wire");
$Bv.aggregate(name = "order", domain = "ecommerce");

enum Status {
  unplaced @0;   # never seen from outside: an order exists from `placed` on
  pending @1;
  confirmed @2;
  paid @3;
  shipped @4;
  delivered @5;
  cancelled @6;
  refunded @7;
}

enum Request {
  none @0;
  cancellation @1;
  refund @2;
}

struct State $Bv.doc("The order as it stands.")
    $Bv.route(method = "GET", path = "/api/orders/{id}") $Bv.scope("order:read") {
  id @0 :Text;
  customer @1 :Text;
  status @2 :Status;
  lines @3 :List(Line) $Bv.key("sku");
  total @4 :Money;
  paymentId @5 :Text;
  request @6 :Request $Bv.doc("What the customer has asked for and a saga is working on.");
  reason @7 :Text $Bv.doc("Why it was cancelled or refunded; empty otherwise.");
  trackingCode @8 :Text;
  placedAt @9 :Int64 $Bv.instant;
  updatedAt @10 :Int64 $Bv.instant $Bv.doc("When the status last changed.");
}

struct Place {
  customer @0 :Text $Bv.minLength(1) $Bv.maxLength(128);
  lines @1 :List(Line) $Bv.key("sku") $Bv.minLength(1) $Bv.maxLength(100);
  total @2 :Money;
  paymentId @3 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.doc("Id of the payment that will be asked for.");
}

struct Confirm {}
struct MarkPaid {}
struct Ship { trackingCode @0 :Text $Bv.maxLength(100) $Bv.optional $Bv.example("\"1Z999AA10123456784\""); }
struct Deliver {}
struct Cancel { reason @0 :Text $Bv.minLength(1) $Bv.maxLength(200) $Bv.example("\"payment_declined\""); }
struct CompleteRefund { amount @0 :Money; reason @1 :Text $Bv.maxLength(200); }
struct DeclineRequest { reason @0 :Text $Bv.minLength(1) $Bv.maxLength(200); }
struct RequestCancellation { reason @0 :Text $Bv.maxLength(200) $Bv.optional $Bv.example("\"changed my mind\""); }
struct RequestRefund { reason @0 :Text $Bv.maxLength(200) $Bv.optional $Bv.example("\"arrived broken\""); }
struct Expire {}

struct Command {
  union {
    place @0 :Place $Bv.internal
        $Bv.doc("Makes the order, PENDING. The same order again is accepted without effect. Rejections: order_exists, order_too_many_lines, order_total_mismatch, order_below_minimum, order_above_maximum, price_out_of_range, currency_mixed.");
    confirm @1 :Confirm $Bv.internal
        $Bv.doc("Stock is reserved and the payment authorized. Accepted without effect if it is confirmed already. Rejections: order_unknown, order_transition, order_request_pending.");
    markPaid @2 :MarkPaid $Bv.internal
        $Bv.doc("The payment is captured. Accepted without effect if it is paid already. Rejections: order_unknown, order_transition, order_request_pending.");
    ship @3 :Ship $Bv.scope("order:fulfil")
        $Bv.doc("The parcel has left. Rejections: order_unknown, order_transition, order_request_pending.")
        $Bv.route(method = "POST", path = "/api/orders/{id}/ship");
    deliver @4 :Deliver $Bv.scope("order:fulfil")
        $Bv.doc("The parcel has arrived. Rejections: order_unknown, order_transition.")
        $Bv.route(method = "POST", path = "/api/orders/{id}/deliver");
    cancel @5 :Cancel $Bv.internal
        $Bv.doc("The order comes to nothing. Accepted without effect if it is cancelled already or was never placed. Rejections: order_transition.");
    requestCancellation @6 :RequestCancellation $Bv.scope("order:write")
        $Bv.doc("The customer wants to cancel before the parcel leaves; a saga gives stock and money back, then cancels. Asking again is accepted without effect. Rejections: order_unknown, order_not_yours, order_transition, order_request_pending.")
        $Bv.route(method = "POST", path = "/api/orders/{id}/cancel", success = 202, location = "/api/orders/{id}");
    requestRefund @7 :RequestRefund $Bv.scope("order:write")
        $Bv.doc("The customer of a paid order wants the money back, whether or not the parcel has left; a saga refunds it. Asking again is accepted without effect. Rejections: order_unknown, order_not_yours, order_transition, order_request_pending.")
        $Bv.route(method = "POST", path = "/api/orders/{id}/refund", success = 202, location = "/api/orders/{id}");
    completeRefund @8 :CompleteRefund $Bv.internal
        $Bv.doc("The money went back. Accepted without effect if the order is refunded already. Rejections: order_unknown, order_transition, amount_not_positive, refund_above_total, currency_mixed.");
    declineRequest @9 :DeclineRequest $Bv.internal
        $Bv.doc("What the customer asked for could not be done; the order goes on. Without effect if nothing was asked for.");
    expire @10 :Expire $Bv.internal $Bv.doc("Sent by the order's timer 30 minutes after it was placed; cancels it if it is still unpaid.");
  }
}

struct Placed {
  id @0 :Text;
  customer @1 :Text;
  lines @2 :List(Line) $Bv.key("sku");
  total @3 :Money;
  paymentId @4 :Text;
  at @5 :Int64 $Bv.instant;
}
struct Confirmed { at @0 :Int64 $Bv.instant; }
struct Paid { at @0 :Int64 $Bv.instant; }
struct Shipped { trackingCode @0 :Text; at @1 :Int64 $Bv.instant; }
struct Delivered { at @0 :Int64 $Bv.instant; }
struct Cancelled { reason @0 :Text $Bv.doc("What the saga or the customer said, or \"unpaid\"."); at @1 :Int64 $Bv.instant; }
struct CancellationRequested { reason @0 :Text; by @1 :Text $Bv.doc("Who asked."); at @2 :Int64 $Bv.instant; }
struct RefundRequested { reason @0 :Text; by @1 :Text $Bv.doc("Who asked."); at @2 :Int64 $Bv.instant; }
struct Refunded { amount @0 :Money; reason @1 :Text; at @2 :Int64 $Bv.instant; }
struct RequestDeclined { request @0 :Request; reason @1 :Text; at @2 :Int64 $Bv.instant; }

struct Event {
  union {
    placed @0 :Placed;
    confirmed @1 :Confirmed;
    paid @2 :Paid;
    shipped @3 :Shipped;
    delivered @4 :Delivered;
    cancelled @5 :Cancelled;
    cancellationRequested @6 :CancellationRequested $Bv.doc("Starts the cancel saga.");
    refundRequested @7 :RefundRequested $Bv.doc("Starts the refund saga.");
    refunded @8 :Refunded;
    requestDeclined @9 :RequestDeclined;
  }
}
