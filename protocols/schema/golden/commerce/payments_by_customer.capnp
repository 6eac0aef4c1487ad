# A customer's payments, newest first.
@0xb1e7c0a1d5f05204;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;
using Status = import "/protocols/schema/commerce/payment.capnp".Status;

$Cxx.namespace("bv::commerce::payments_by_customer::wire");

struct PaymentRow {
  id @0 :Text;
  customer @1 :Text;
  orderId @2 :Text;
  status @3 :Status;
  amount @4 :Money;
  refundedMinor @5 :Int64 $Bv.doc("Sum of the refunds, in minor units of the amount's currency.");
  requestedAt @6 :Int64 $Bv.instant;
  updatedAt @7 :Int64 $Bv.instant;
}

struct MyPayments $Bv.doc("The caller's payments, newest first. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/payments") $Bv.scope("payment:read") $Bv.answers("PaymentPage") {
  limit @0 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @1 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before.");
}

struct PaymentPage {
  items @0 :List(PaymentRow);
  nextCursor @1 :Text $Bv.optional $Bv.doc("Absent on the last page.");
  lag @2 :UInt64 $Bv.doc("Events that the view is behind.");
}
