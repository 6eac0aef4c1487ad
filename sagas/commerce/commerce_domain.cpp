#include "sagas/commerce/commerce_domain.hpp"

#include "actors/commerce/commerce.hpp"
#include "sagas/commerce/commerce_sagas.hpp"
#include "sagas/commerce/mock_processor.hpp"

namespace bv::commerce_sagas {

sagas::domain commerce_domain(std::shared_ptr<sagas::downstream> payments) {
  return {.name = "commerce",
          .aggregates = commerce::aggregates(),
          .projections = commerce::projections(),
          .queries = commerce::queries,
          .definitions = definitions(),
          .services = {std::move(payments)},
          .reactions = reactions()};
}

sagas::domain commerce_domain(commerce::processor_options payments, const runtime::clock& time, sagas::timer& later) {
  return commerce_domain(make_mock_processor(payments, time, later));
}

}  // namespace bv::commerce_sagas
