# A contract that the server has never heard of: whatever it does with it, it does by reflection.
@0xb1e7c0a1d5f0f001;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::test::coupon::wire");
$Bv.aggregate(name = "coupon", domain = "promo");

struct State $Bv.doc("The coupon as it stands.")
    $Bv.route(method = "GET", path = "/api/coupons/{id}") $Bv.scope("coupon:read") {
  percent @0 :UInt32;
  text @1 :Text;
  orders @2 :List(Text);
  retired @3 :Bool $Bv.tombstone;
  issuedBy @4 :Text;
}

struct Issue {
  percent @0 :UInt32 $Bv.min(1) $Bv.max(90) $Bv.example("10");
  text @1 :Text $Bv.maxLength(20000);
}
struct Redeem {
  order @0 :Text $Bv.minLength(1) $Bv.maxLength(64);
  redemptionId @1 :Text $Bv.generated;
}
struct Retire {}
struct Expire {}

struct Command {
  union {
    issue @0 :Issue $Bv.doc("Makes a coupon.") $Bv.scope("coupon:write")
        $Bv.route(method = "POST", path = "/api/coupons", entity = generated, success = 201, location = "/api/coupons/{id}");
    redeem @1 :Redeem $Bv.doc("Spends it on an order.") $Bv.scope("coupon:spend")
        $Bv.route(method = "PUT", path = "/api/coupons/{id}/orders/{order}", success = 202,
                  location = "/api/coupons/{id}/redemptions/{redemptionId}");
    retire @2 :Retire $Bv.route(method = "DELETE", path = "/api/coupons/{id}");
    expire @3 :Expire $Bv.internal;
  }
}

struct Issued { percent @0 :UInt32; text @1 :Text; by @2 :Text; }
struct Redeemed { order @0 :Text; redemptionId @1 :Text; }
struct Retired {}

struct Event {
  union {
    issued @0 :Issued;
    redeemed @1 :Redeemed;
    retired @2 :Retired;
  }
}
