# The vocabulary of a BitVelocity contract. An aggregate's .capnp file uses these annotations to say what its
# commands, events and state mean; the generator and every protocol read them by reflection.
@0xb1e7c0a1d5f04001;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bv::wire");

struct Aggregate {
  name @0 :Text;              # the type in addresses and routes: "cart"
  domain @1 :Text;            # first part of event types: "ecommerce" gives ecommerce.cart.item_added.v1
  snapshotEvery @2 :UInt32 = 100;   # events between two snapshots, at least
  retainDays @3 :UInt32 = 0;  # 0 keeps the events for ever
}

struct Route {
  method @0 :Text;            # GET, POST, PUT, PATCH, DELETE
  path @1 :Text;
  # Segments in braces: {id} is the entity's id; any other name is a field of the command or query.
  entity @2 :EntityId = path;
  # Where the entity's id comes from.
  success @3 :UInt16 = 200;   # HTTP status of an accepted command: 200, 201 or 202
  location @4 :Text;          # template of the Location header; {id} and fields as in `path`
}

enum EntityId {
  path @0;        # the {id} segment
  principal @1;   # the caller: /api/cart is the caller's own
  generated @2;   # a new id; derived from the Idempotency-Key where there is one, so that a retry meets the same entity
}

# --- On a file ---------------------------------------------------------------------------------------------
annotation aggregate @0xb1e7c0a1d5f04002 (file) :Aggregate;

# --- On anything -------------------------------------------------------------------------------------------
annotation doc @0xb1e7c0a1d5f04003 (*) :Text;          # one sentence for people; reaches OpenAPI and the REPL
annotation example @0xb1e7c0a1d5f04004 (*) :Text;      # a JSON value

# --- On fields: limits -------------------------------------------------------------------------------------
annotation min @0xb1e7c0a1d5f04005 (field) :Int64;     # of a number, inclusive
annotation max @0xb1e7c0a1d5f04006 (field) :Int64;
annotation minLength @0xb1e7c0a1d5f04007 (field) :UInt32;  # of a Text in bytes, of a List in elements
annotation maxLength @0xb1e7c0a1d5f04008 (field) :UInt32;
annotation pattern @0xb1e7c0a1d5f04009 (field) :Text;  # RE2 syntax, matched against the whole Text
annotation optional @0xb1e7c0a1d5f0400a (field) :Void; # a Text, List or struct that may be absent; std::optional in C++
annotation key @0xb1e7c0a1d5f0400b (field) :Text;      # a List of structs whose elements differ in this Text field
annotation instant @0xb1e7c0a1d5f0400c (field) :Void;  # an Int64 in ns since 1970; bv::timestamp in C++, RFC 3339 in JSON
annotation generated @0xb1e7c0a1d5f0400d (field) :Void;    # a Text that the edge fills with a new id; clients can't send it
annotation tombstone @0xb1e7c0a1d5f04013 (field) :Void;  # a Bool of State: once true the entity is gone; a GET answers 404

# --- On the members of the Command union, on State, on queries ------------------------------------------------
annotation route @0xb1e7c0a1d5f0400e (field, struct) :Route;
annotation scope @0xb1e7c0a1d5f0400f (field, struct) :Text;  # what the caller must have been granted: "cart:manage"
annotation internal @0xb1e7c0a1d5f04010 (field) :Void;
# On a command: sent by timers and sagas only; no protocol offers it. On a field of State: no protocol shows it.

# --- On the members of the Event union ------------------------------------------------------------------------
annotation version @0xb1e7c0a1d5f04011 (field) :UInt16;      # the payload's schema version; 1 if absent

# --- On a query struct: its answer -------------------------------------------------------------------------------
annotation answers @0xb1e7c0a1d5f04012 (struct) :Text;       # the name of the struct in the same file that answers it
