@0xb1e7c0a1d5f0f003;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";

$Cxx.namespace("bv::test::coupon_search::wire");

struct FindCoupons $Bv.doc("Coupons by what they give.")
    $Bv.route(method = "GET", path = "/api/coupons") $Bv.answers("CouponPage") {
  minPercent @0 :UInt32 = 1 $Bv.max(90);
  limit @1 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
}

struct CouponPage {
  ids @0 :List(Text);
  askedBy @1 :Text;
}
