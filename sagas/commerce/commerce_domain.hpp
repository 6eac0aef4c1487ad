#pragma once

#include <memory>

#include "actors/commerce/payment_processor.hpp"
#include "actors/runtime/clock.hpp"
#include "sagas/engine/application.hpp"
#include "sagas/engine/timer.hpp"

namespace bv::commerce_sagas {

/// The whole shop: its aggregates, read models and sagas, over a payment processor.
sagas::domain commerce_domain(std::shared_ptr<sagas::downstream> payments);

/// The same with the mock as payment processor. `time` and `later` must outlive it.
sagas::domain commerce_domain(commerce::processor_options payments, const runtime::clock& time, sagas::timer& later);

}  // namespace bv::commerce_sagas
