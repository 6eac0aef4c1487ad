# What sagas ask of a payment processor and what it answers. Every request comes under an idempotency key.
@0xb1e7c0a1d5f06102;

using Cxx = import "/capnp/c++.capnp";
using Bv = import "/protocols/schema/bv.capnp";
using Money = import "/protocols/schema/common.capnp".Money;

$Cxx.namespace("bv::commerce_sagas::processor::wire");

enum Operation {
  authorize @0;  # hold the money
  capture @1;    # take what is held
  reverse @2;    # let go of what is held, give back what was taken; without effect if there is nothing. An
                 # authorization that arrives after it, late, is declined: else it would hold money for ever
  refund @3;     # give back a part or all of what was taken
}

struct Instruction {
  operation @0 :Operation;
  paymentId @1 :Text $Bv.minLength(1) $Bv.maxLength(128);
  orderId @2 :Text $Bv.maxLength(128);
  amount @3 :Money;
  reference @4 :Text $Bv.maxLength(256) $Bv.doc("Of a refund: the same one is paid once.");
}

struct Acknowledgement {
  authorizationCode @0 :Text;
}
