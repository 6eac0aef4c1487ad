# The stock of one SKU, which is its id. Every unit is available, reserved or sold:
#
#   received + adjusted = available + reserved + sold
#
#   receive, adjust        reserve                 commit
#   ──────────────▶ available ──────▶ reserved ──────────────▶ sold
#                       ▲  release, 5 min │                      │
#                       ├─────────────────┘               restock│
#                       └────────────────────────────────────────┘
@0xb1e7c0a1d5f05004;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::commerce::inventory::wire");
$Bv.aggregate(name = "inventory", domain = "ecommerce", snapshotEvery = 1000);

struct Reservation {
  id @0 :Text;
  quantity @1 :UInt32;
  expiresAt @2 :Int64 $Bv.instant;
}

struct State $Bv.doc("The stock of one SKU as it stands.")
    $Bv.route(method = "GET", path = "/api/inventory/{id}") $Bv.scope("inventory:read") {
  sku @0 :Text;
  productId @1 :Text $Bv.doc("The product that sells it; empty once that was taken out of the catalogue.");
  available @2 :Int64;
  reserved @3 :Int64;
  sold @4 :Int64;
  received @5 :Int64 $Bv.doc("Units ever received, less or more by adjustments.");
  low @6 :Bool $Bv.doc("At or below the reorder point of 10 available units.");
  reservations @7 :List(Reservation) $Bv.key("id") $Bv.internal
      $Bv.doc("Open ones, oldest first; so the first one expires first.");
}

struct Initialise {
  productId @0 :Text $Bv.minLength(1) $Bv.maxLength(128);
  quantity @1 :UInt32 $Bv.max(1000000);
}

struct Retire { productId @0 :Text $Bv.minLength(1) $Bv.maxLength(128); }

struct Receive {
  quantity @0 :UInt32 $Bv.min(1) $Bv.max(1000000) $Bv.example("50");
  reference @1 :Text $Bv.maxLength(200) $Bv.optional $Bv.doc("Delivery note, for people.");
}

struct Adjust {
  delta @0 :Int64 $Bv.min(-1000000) $Bv.max(1000000) $Bv.doc("Units to add, or to take away if negative.") $Bv.example("-2");
  reason @1 :Text $Bv.minLength(1) $Bv.maxLength(200) $Bv.example("\"broken in transit\"");
}

struct Reserve {
  reservationId @0 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.pattern("[A-Za-z0-9._:~-]+") $Bv.example("\"order-1\"");
  quantity @1 :UInt32 $Bv.min(1) $Bv.max(1000) $Bv.example("2");
}

struct Release { reservationId @0 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.pattern("[A-Za-z0-9._:~-]+"); }
struct Commit { reservationId @0 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.pattern("[A-Za-z0-9._:~-]+"); }

struct Restock {
  returnId @0 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.doc("What the goods come back for: the order, the return.");
  quantity @1 :UInt32 $Bv.min(1) $Bv.max(1000);
}

struct Expire {}

struct Command {
  union {
    initialise @0 :Initialise $Bv.internal
        $Bv.doc("A product was created: puts its stock on the shelf. Without effect for the product that has it already. Rejections: sku_taken, stock_above_maximum.");
    receive @1 :Receive $Bv.scope("inventory:write")
        $Bv.doc("Goods came in. Rejections: sku_unknown, stock_above_maximum.")
        $Bv.route(method = "POST", path = "/api/inventory/{id}/receipts");
    adjust @2 :Adjust $Bv.scope("inventory:write")
        $Bv.doc("Corrects the count of available units. Rejections: sku_unknown, stock_below_zero, stock_above_maximum.")
        $Bv.route(method = "POST", path = "/api/inventory/{id}/adjustments");
    reserve @3 :Reserve $Bv.scope("inventory:reserve")
        $Bv.doc("Holds units for five minutes, first come first served. The same reservation again is accepted without effect. Rejections: sku_unknown, sku_retired, out_of_stock, reservation_conflict, too_many_reservations.")
        $Bv.route(method = "POST", path = "/api/inventory/{id}/reservations", success = 201);
    release @4 :Release $Bv.scope("inventory:reserve")
        $Bv.doc("Frees a reservation; accepted without effect if it is not open.")
        $Bv.route(method = "DELETE", path = "/api/inventory/{id}/reservations/{reservationId}");
    commit @5 :Commit $Bv.internal
        $Bv.doc("The reserved units are sold. Rejections: sku_unknown, reservation_expired (not open any more, or never was).");
    restock @6 :Restock $Bv.internal
        $Bv.doc("Sold units come back to the shelf. Told apart by command id alone. Rejections: sku_unknown, more_than_sold.");
    retire @7 :Retire $Bv.internal
        $Bv.doc("The product was removed: nothing more can be reserved (sku_retired) until another product takes the SKU. Without effect for any other product.");
    expire @8 :Expire $Bv.internal $Bv.doc("Sent by the timer of the oldest reservation; without effect before its time.");
  }
}

struct Initialised { sku @0 :Text; productId @1 :Text; quantity @2 :UInt32; at @3 :Int64 $Bv.instant; }
struct Received { quantity @0 :UInt32; reference @1 :Text $Bv.optional; at @2 :Int64 $Bv.instant; }
struct Adjusted { delta @0 :Int64; reason @1 :Text; at @2 :Int64 $Bv.instant; }
struct Reserved { reservationId @0 :Text; quantity @1 :UInt32; expiresAt @2 :Int64 $Bv.instant; }
struct Released { reservationId @0 :Text; quantity @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct Committed { reservationId @0 :Text; quantity @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct ReservationExpired { reservationId @0 :Text; quantity @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct Restocked { returnId @0 :Text; quantity @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct Retired { productId @0 :Text; at @1 :Int64 $Bv.instant; }
struct ReorderNeeded { sku @0 :Text; available @1 :Int64; at @2 :Int64 $Bv.instant; }

struct Event {
  union {
    initialised @0 :Initialised;
    received @1 :Received;
    adjusted @2 :Adjusted;
    reserved @3 :Reserved;
    released @4 :Released;
    committed @5 :Committed;
    reservationExpired @6 :ReservationExpired;
    restocked @7 :Restocked;
    retired @8 :Retired;
    reorderNeeded @9 :ReorderNeeded $Bv.doc("Available units fell to the reorder point; once for each crossing.");
  }
}
