#include "sim/world/shop_contracts.hpp"

#include "actors/runtime/members.hpp"
#include "sagas/commerce/commerce_domain.hpp"
#include "sagas/engine/application.hpp"

namespace bv::sim {

std::vector<const schema::aggregate_contract*> shop_contracts() {
  // Only asked what it hosts: no saga of it ever calls the processor that is missing.
  class nobody final : public sagas::timer {
    void after(duration, std::function<void()>) override {}
  };
  const runtime::system_clock unused;
  nobody later;
  std::vector<sagas::domain> all;
  all.push_back(commerce_sagas::commerce_domain({}, unused, later));
  auto contracts = sagas::application(std::move(all), [](const runtime::note&) {}).contracts();
  contracts.push_back(&runtime::members::contract::reflection());  // only a cluster has one
  return contracts;
}

}  // namespace bv::sim
