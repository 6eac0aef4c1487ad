# A shopper's cart. Its id is the shopper's: /api/cart is the caller's own.
@0xb1e7c0a1d5f05001;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;
using Line = import "/protocols/schema/commerce/line.capnp".Line;

$Cxx.namespace("bv::commerce::cart::wire");
$Bv.aggregate(name = "cart", domain = "ecommerce");

struct State $Bv.doc("The cart as it stands.")
    $Bv.route(method = "GET", path = "/api/cart", entity = principal) $Bv.scope("cart:read") {
  lines @0 :List(Line) $Bv.key("sku") $Bv.maxLength(100);
  total @1 :Money $Bv.optional $Bv.doc("Sum of the lines; absent while there are none.");
  touchedAt @2 :Int64 $Bv.instant $Bv.doc("When it was last changed; it expires 30 days after.");
  checkingOut @3 :Text $Bv.doc("The order that is being made of it; empty if none. No line may change meanwhile.");
}

struct AddItem {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  quantity @1 :UInt32 = 1 $Bv.min(1) $Bv.max(10) $Bv.example("2");
}

struct SetQuantity {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
  quantity @1 :UInt32 $Bv.min(1) $Bv.max(10) $Bv.example("3");
}

struct RemoveItem {
  sku @0 :Text $Bv.minLength(1) $Bv.maxLength(64) $Bv.pattern("[A-Za-z0-9._-]+") $Bv.example("\"MUG-1\"");
}

struct Clear {}

struct Checkout {
  orderId @0 :Text $Bv.generated $Bv.minLength(1) $Bv.maxLength(100) $Bv.pattern("[A-Za-z0-9._:~-]+");
}

struct CompleteCheckout { orderId @0 :Text $Bv.minLength(1) $Bv.maxLength(128); }
struct ReopenAfterCheckout { orderId @0 :Text $Bv.minLength(1) $Bv.maxLength(128); }
struct Expire {}

struct Command {
  union {
    addItem @0 :AddItem $Bv.scope("cart:manage")
        $Bv.doc("Puts a product into the cart, or more of it, at today's price. Rejections: product_unknown, product_unavailable, item_limit, cart_full, currency_mixed, cart_checking_out.")
        $Bv.route(method = "POST", path = "/api/cart/items", entity = principal);
    setQuantity @1 :SetQuantity $Bv.scope("cart:manage")
        $Bv.doc("Changes how many of a product the cart holds, at today's price. Rejections: item_not_in_cart, product_unknown, product_unavailable, currency_mixed, cart_checking_out.")
        $Bv.route(method = "PUT", path = "/api/cart/items/{sku}", entity = principal);
    removeItem @2 :RemoveItem $Bv.scope("cart:manage")
        $Bv.doc("Takes a product out of the cart; accepted too if it is not in it. Rejections: cart_checking_out.")
        $Bv.route(method = "DELETE", path = "/api/cart/items/{sku}", entity = principal);
    clear @3 :Clear $Bv.scope("cart:manage")
        $Bv.doc("Empties the cart. Rejections: cart_checking_out.")
        $Bv.route(method = "DELETE", path = "/api/cart", entity = principal);
    checkout @4 :Checkout $Bv.scope("order:write")
        $Bv.doc("Makes an order of the cart; the checkout saga then reserves, charges and ships. Rejections: cart_empty, cart_checking_out, order_too_many_lines, order_below_minimum, order_above_maximum, product_unknown, price_changed.")
        $Bv.route(method = "POST", path = "/api/orders", entity = principal, success = 202, location = "/api/orders/{orderId}");
    completeCheckout @5 :CompleteCheckout $Bv.internal
        $Bv.doc("The order stands: empties and unlocks the cart. Without effect if that checkout is not the one under way.");
    reopenAfterCheckout @6 :ReopenAfterCheckout $Bv.internal
        $Bv.doc("The order came to nothing: unlocks the cart, its lines stay. Without effect if that checkout is not the one under way.");
    expire @7 :Expire $Bv.internal $Bv.doc("Sent by the cart's timer; without effect before its time.");
  }
}

struct ItemAdded {
  line @0 :Line $Bv.doc("The line as it then is: the quantity is the sum.");
  added @1 :UInt32 $Bv.doc("How many of it are new.");
  at @2 :Int64 $Bv.instant;
}
struct QuantitySet { line @0 :Line $Bv.doc("The line as it then is."); at @1 :Int64 $Bv.instant; }
struct ItemRemoved { sku @0 :Text; at @1 :Int64 $Bv.instant; }
struct Cleared { at @0 :Int64 $Bv.instant; }
struct CheckoutStarted {
  orderId @0 :Text;
  customer @1 :Text;
  lines @2 :List(Line) $Bv.key("sku");
  total @3 :Money;
  at @4 :Int64 $Bv.instant;
}
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
