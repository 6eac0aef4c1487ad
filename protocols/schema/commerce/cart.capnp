# A shopper's cart. Its id is the shopper's: /api/cart is the caller's own.
@0xb1e7c0a1d5f05001;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce::cart::wire");
$Bv.aggregate(name = "cart", domain = "ecommerce");

struct Line {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  name @1 :Text $Bv.maxLength(200);
  quantity @2 :UInt32 $Bv.min(1) $Bv.max(10);
  unitPrice @3 :Money;
}

struct State $Bv.doc("The cart as it stands.")
    $Bv.route(method = "GET", path = "/api/cart", entity = principal) $Bv.scope("cart:read") {
  lines @0 :List(Line) $Bv.key("sku") $Bv.maxLength(100);
  touchedAt @1 :Int64 $Bv.instant $Bv.doc("When it was last changed; it expires 30 days after.");
  checkingOut @2 :Text $Bv.doc("The order that is being made of it; empty if none. No line may change meanwhile.");
}

struct AddItem {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  quantity @1 :UInt32 $Bv.min(1) $Bv.max(10) $Bv.example("2");
}

struct SetQuantity {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+");
  quantity @1 :UInt32 $Bv.min(1) $Bv.max(10);
}

struct RemoveItem { sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64); }
struct Clear {}
struct Checkout { orderId @0 :Text $Bv.generated; }
struct CompleteCheckout { orderId @0 :Text; }
struct ReopenAfterCheckout { orderId @0 :Text; }
struct Expire {}

struct Command {
  union {
    addItem @0 :AddItem $Bv.doc("Puts a product into the cart, or more of it.") $Bv.scope("cart:manage")
        $Bv.route(method = "POST", path = "/api/cart/items", entity = principal);
    setQuantity @1 :SetQuantity $Bv.doc("Changes how many of a product the cart holds.") $Bv.scope("cart:manage")
        $Bv.route(method = "PUT", path = "/api/cart/items/{sku}", entity = principal);
    removeItem @2 :RemoveItem $Bv.doc("Takes a product out of the cart.") $Bv.scope("cart:manage")
        $Bv.route(method = "DELETE", path = "/api/cart/items/{sku}", entity = principal);
    clear @3 :Clear $Bv.doc("Empties the cart.") $Bv.scope("cart:manage")
        $Bv.route(method = "DELETE", path = "/api/cart", entity = principal);
    checkout @4 :Checkout $Bv.doc("Makes an order of the cart; the checkout saga then reserves, charges and ships.") $Bv.scope("order:write")
        $Bv.route(method = "POST", path = "/api/orders", entity = principal, success = 202, location = "/api/orders/{orderId}");
    completeCheckout @5 :CompleteCheckout $Bv.internal;
    reopenAfterCheckout @6 :ReopenAfterCheckout $Bv.internal;
    expire @7 :Expire $Bv.internal;
  }
}

struct ItemAdded { line @0 :Line $Bv.doc("What was added; its quantity is the increment."); at @1 :Int64 $Bv.instant; }
struct QuantitySet { sku @0 :Text; quantity @1 :UInt32; at @2 :Int64 $Bv.instant; }
struct ItemRemoved { sku @0 :Text; at @1 :Int64 $Bv.instant; }
struct Cleared { at @0 :Int64 $Bv.instant; }
struct CheckoutStarted { orderId @0 :Text; customer @1 :Text; lines @2 :List(Line) $Bv.key("sku"); total @3 :Money; at @4 :Int64 $Bv.instant; }
struct CheckoutCompleted { orderId @0 :Text; at @1 :Int64 $Bv.instant; }
struct CheckoutReopened { orderId @0 :Text; at @1 :Int64 $Bv.instant; }
struct Expired { at @0 :Int64 $Bv.instant; }

struct Event {
  union {
    itemAdded @0 :ItemAdded;
    quantitySet @1 :QuantitySet;
    itemRemoved @2 :ItemRemoved;
    cleared @3 :Cleared;
    checkoutStarted @4 :CheckoutStarted;
    checkoutCompleted @5 :CheckoutCompleted;
    checkoutReopened @6 :CheckoutReopened;
    expired @7 :Expired;
  }
}
