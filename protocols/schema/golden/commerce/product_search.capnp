# The catalogue to browse: filtered by category, price and words, sorted by name, price or age.
@0xb1e7c0a1d5f05202;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::product_search::wire");

struct ProductRow {
  id @0 :Text;
  sku @1 :Text;
  name @2 :Text;
  description @3 :Text;
  category @4 :Text;
  price @5 :Money;
  createdAt @6 :Int64 $Bv.instant;
  updatedAt @7 :Int64 $Bv.instant;
}

enum Sort {
  name @0;
  price @1;
  createdAt @2;
}

enum Order {
  asc @0;
  desc @1;
}

struct SearchProducts $Bv.doc("Products of the catalogue, page by page. Rejections: cursor_invalid.")
    $Bv.route(method = "GET", path = "/api/catalog/products") $Bv.scope("product:read") $Bv.answers("ProductPage") {
  text @0 :Text $Bv.optional $Bv.maxLength(200)
      $Bv.doc("Words that the name, description or SKU must have, or begin words of; letter case does not matter.");
  category @1 :Text $Bv.optional $Bv.maxLength(64);
  minPrice @2 :Int64 $Bv.min(0) $Bv.doc("In minor units, inclusive.");
  maxPrice @3 :Int64 $Bv.min(0) $Bv.doc("In minor units, inclusive; 0 for no upper end.");
  sort @4 :Sort = name;
  order @5 :Order = asc;
  limit @6 :UInt32 = 20 $Bv.min(1) $Bv.max(100);
  cursor @7 :Text $Bv.optional $Bv.maxLength(1000)
      $Bv.doc("nextCursor of the page before, with the same sort and order.");
}

struct ProductPage {
  items @0 :List(ProductRow);
  nextCursor @1 :Text $Bv.optional $Bv.doc("Absent on the last page. A page may be short and yet have one.");
  lag @2 :UInt64 $Bv.doc("Events that the view is behind.");
}
