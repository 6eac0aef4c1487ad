#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <functional>

namespace bv::runtime {

/// Mail that an actor simply runs; what is in it belongs to the actor that it is sent to.
struct run_action {
  std::function<void()> action;
};

}  // namespace bv::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bv::runtime::run_action)
