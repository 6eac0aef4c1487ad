# What the commerce sagas begin with.
@0xb1e7c0a1d5f06101;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;
using Line = import "/protocols/schema/commerce/line.capnp".Line;

$Cxx.namespace("bv::commerce_sagas::wire");

# The cart as it was when its owner checked out.
struct Purchase {
  orderId @0 :Text $Bv.minLength(1) $Bv.maxLength(100);
  customer @1 :Text $Bv.minLength(1) $Bv.maxLength(128) $Bv.doc("Their cart has the same id.");
  lines @2 :List(Line) $Bv.key("sku") $Bv.minLength(1) $Bv.maxLength(50);
  total @3 :Money;
}

# An order that its customer wants to be rid of.
struct Reversal {
  orderId @0 :Text $Bv.minLength(1) $Bv.maxLength(100);
  paymentId @1 :Text $Bv.minLength(1) $Bv.maxLength(128);
  lines @2 :List(Line) $Bv.key("sku") $Bv.minLength(1) $Bv.maxLength(100);
  total @3 :Money;
  reason @4 :Text $Bv.maxLength(200);
}

# A refund that somebody made on a payment.
struct Payout {
  paymentId @0 :Text $Bv.minLength(1) $Bv.maxLength(128);
  refundId @1 :Text $Bv.minLength(1) $Bv.maxLength(128);
  amount @2 :Money;
}
