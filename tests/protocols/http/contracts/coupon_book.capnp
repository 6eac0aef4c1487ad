# Everybody's own: its id is the caller's.
@0xb1e7c0a1d5f0f002;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::test::coupon_book::wire");
$Bv.aggregate(name = "coupon_book", domain = "promo");

struct State $Bv.route(method = "GET", path = "/api/coupon-book", entity = principal) $Bv.scope("book:read") {
  coupons @0 :List(Text);
}

struct Keep { coupon @0 :Text $Bv.minLength(1) $Bv.maxLength(64); }
struct Lose { coupon @0 :Text; }

struct Command {
  union {
    keep @0 :Keep $Bv.scope("book:write") $Bv.route(method = "POST", path = "/api/coupon-book/coupons", entity = principal);
    lose @1 :Lose $Bv.internal;
  }
}

struct Kept { coupon @0 :Text; }
struct Lost { coupon @0 :Text; }

struct Event {
  union {
    kept @0 :Kept;
    lost @1 :Lost;
  }
}
