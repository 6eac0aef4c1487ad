#include "protocols/cluster/link_world.hpp"

namespace bv::cluster {

result<introduction> meet(const link_world& world, bytes_view hello, const certificate_facts* certificate) {
  BV_ASSIGN(auto other, decode_hello(hello));
  BV_TRY(check_introduction(other, world.self, certificate));
  BV_TRY(world.listener->admit(other.hello));
  return other;
}

}  // namespace bv::cluster
