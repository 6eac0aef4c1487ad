# Orders, newest first: a customer's history, and the work list of the people who ship.
@0xb1e7c0a1d5f05203;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;
using Status = import "/protocols/schema/commerce/order.capnp".Status;

$Cxx.namespace("bv::commerce::orders_by_customer::wire");

struct OrderRow {
  id @0 :Text;
  customer @1 :Text;
  status @2 :Status;
  total @3 :Money;
  lineCount @4 :UInt32;
  paymentId @5 :Text;
  reason @6 :Text $Bv.doc("Why it was cancelled or refunded; empty otherwise.");
  placedAt @7 :Int64 $Bv.instant;
  updatedAt @8 :Int64 $Bv.instant;
}

struct MyOrders $Bv.doc("The caller's orders, newest first. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/orders/me") $Bv.scope("order:read") $Bv.answers("OrderPage") {
  limit @0 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @1 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before.");
}

struct ListOrders $Bv.doc("Everybody's orders, newest first. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/orders") $Bv.scope("order:fulfil") $Bv.answers("OrderPage") {
  status @0 :Status $Bv.doc("Only these; `unplaced` or absent for all.");
  limit @1 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @2 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before, with the same status.");
}

struct OrderPage {
  items @0 :List(OrderRow);
  nextCursor @1 :Text $Bv.optional $Bv.doc("Absent on the last page.");
  lag @2 :UInt64 $Bv.doc("Events that the view is behind.");
}
