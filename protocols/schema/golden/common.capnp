# Values that many contracts share.
@0xb1e7c0a1d5f04101;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
$Cxx.namespace("bv::common::wire");

struct Money {
  minor @0 :Int64 $Bv.doc("Amount in minor units: cents for USD.");
  currency @1 :Text $Bv.pattern("[A-Z]{3}") $Bv.minLength(3) $Bv.maxLength(3) $Bv.doc("ISO 4217 code.") $Bv.example("\"USD\"");
}
