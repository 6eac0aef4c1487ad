# What carts and orders share: a line is so many of one product at the price that the shopper was shown.
@0xb1e7c0a1d5f05101;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::wire");

struct Line {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  name @1 :Text $Bv.maxLength(200) $Bv.doc("The product's name when it was put in.");
  quantity @2 :UInt32 $Bv.min(1) $Bv.max(10);
  unitPrice @3 :Money $Bv.doc("The price that the shopper was shown.");
}
