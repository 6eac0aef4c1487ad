# The stock view: for each SKU what it is, what it costs and how much of it there is. A cart asks it whether a
# product exists; people list it.
@0xb1e7c0a1d5f05201;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::stock_view::wire");

struct StockRow {
  sku @0 :Text;
  productId @1 :Text $Bv.doc("Empty if the stock is there before the product.");
  name @2 :Text;
  price @3 :Money;
  available @4 :Int64;
  reserved @5 :Int64;
  sold @6 :Int64;
  low @7 :Bool $Bv.doc("At or below the reorder point.");
  onSale @8 :Bool $Bv.doc("The catalogue has a product for it.");
}

struct ListStock $Bv.doc("Stock of all SKUs, in the order of the SKU.")
    $Bv.route(method = "GET", path = "/api/inventory") $Bv.scope("inventory:read") $Bv.answers("StockPage") {
  lowOnly @0 :Bool $Bv.doc("Only what is to be reordered.");
  limit @1 :UInt32 = 50 $Bv.min(1) $Bv.max(200);
  cursor @2 :Text $Bv.optional $Bv.maxLength(1000) $Bv.doc("nextCursor of the page before.");
}

struct StockPage {
  items @0 :List(StockRow);
  nextCursor @1 :Text $Bv.optional $Bv.doc("Absent on the last page. A page may be short and yet have one.");
  lag @2 :UInt64 $Bv.doc("Events that the view is behind.");
}
