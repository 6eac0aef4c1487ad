# A product of the catalogue. Its id is generated; its sku names the goods and never changes.
@0xb1e7c0a1d5f05002;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::product::wire");
$Bv.aggregate(name = "product", domain = "ecommerce");

struct State $Bv.doc("The product as it stands.")
    $Bv.route(method = "GET", path = "/api/catalog/products/{id}") $Bv.scope("product:read") {
  id @0 :Text;
  sku @1 :Text;
  name @2 :Text;
  description @3 :Text;
  category @4 :Text;
  price @5 :Money;
  createdAt @6 :Int64 $Bv.instant;
  updatedAt @7 :Int64 $Bv.instant;
  removed @8 :Bool $Bv.tombstone $Bv.doc("Taken out of the catalogue for good.");
}

struct Create {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  name @1 :Text $Bv.minLength(1) $Bv.maxLength(200) $Bv.pattern("[^\\x00-\\x1f]+") $Bv.example("\"Enamel mug\"");
  description @2 :Text $Bv.maxLength(4000) $Bv.example("\"Holds 350 ml.\"");
  category @3 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[^\\x00-\\x1f]+") $Bv.example("\"kitchen\"");
  price @4 :Money $Bv.example("{\"minor\": 1250, \"currency\": \"USD\"}");
  initialStock @5 :UInt32 $Bv.max(1000000) $Bv.doc("Units on the shelf to begin with.") $Bv.example("100");
}

struct Update $Bv.doc("Only what is given changes.") {
  name @0 :Text $Bv.optional $Bv.minLength(1) $Bv.maxLength(200) $Bv.pattern("[^\\x00-\\x1f]+");
  description @1 :Text $Bv.optional $Bv.maxLength(4000);
  category @2 :Text $Bv.optional $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[^\\x00-\\x1f]+");
  price @3 :Money $Bv.optional;
}

struct Remove {}

struct Command {
  union {
    create @0 :Create $Bv.scope("product:write")
        $Bv.doc("Puts a product into the catalogue and its stock on the shelf. Rejections: product_exists, product_removed, sku_taken, price_out_of_range.")
        $Bv.route(method = "POST", path = "/api/catalog/products", entity = generated, success = 201,
                  location = "/api/catalog/products/{id}");
    update @1 :Update $Bv.scope("product:write")
        $Bv.doc("Changes what is given. Carts keep the price that they showed until they are touched or checked out. Rejections: product_unknown, price_out_of_range.")
        $Bv.route(method = "PATCH", path = "/api/catalog/products/{id}");
    remove @2 :Remove $Bv.scope("product:write")
        $Bv.doc("Takes the product out of the catalogue for good. Rejections: product_unknown.")
        $Bv.route(method = "DELETE", path = "/api/catalog/products/{id}");
  }
}

struct Created {
  id @0 :Text;
  sku @1 :Text;
  name @2 :Text;
  description @3 :Text;
  category @4 :Text;
  price @5 :Money;
  initialStock @6 :UInt32;
  at @7 :Int64 $Bv.instant;
}

struct Updated $Bv.doc("The product as it then is, so that followers need not remember.") {
  id @0 :Text;
  sku @1 :Text;
  name @2 :Text;
  description @3 :Text;
  category @4 :Text;
  price @5 :Money;
  at @6 :Int64 $Bv.instant;
}

struct Removed {
  id @0 :Text;
  sku @1 :Text;
  at @2 :Int64 $Bv.instant;
}

struct Event {
  union {
    created @0 :Created;
    updated @1 :Updated;
    removed @2 :Removed;
  }
}
