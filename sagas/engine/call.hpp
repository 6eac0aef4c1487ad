#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/schema/base/bytes.hpp"
#include "protocols/schema/contract.hpp"

namespace bv::sagas {

/// One thing that a step asks of somebody else. A value: which calls a step makes is a pure function of the
/// saga's input and of what it has learnt so far.
struct call {
  enum class target {
    entity,      ///< a command to an aggregate of the saga's tenant
    service,     ///< a request to an external service of the engine
    saga,        ///< starts another saga and waits for its end; good only if that is `completed`
    saga_end,    ///< waits for the end of a saga that runs, or has run; any end is good
    saga_cancel  ///< the same, and cancels it if it still can be
  };

  target to = target::entity;
  std::string name;  ///< aggregate type, service or definition
  std::string id;    ///< of the entity; for a saga, the business id
  bytes body;        ///< command, request, input, or the reason of a cancel
};

/// A command to an aggregate: `to<inventory::contract>(line.sku, inventory::reserve{…})`.
template <class Contract, class Command>
call to(std::string id, Command command) {
  return {call::target::entity, Contract::reflection().name(), std::move(id),
          Contract::encode(typename Contract::command_type(std::move(command)))};
}

/// A request to an external service; what it answers is the call's result.
template <class Request>
call to_service(std::string service, const Request& request) {
  return {call::target::service, std::move(service), {}, encode(request)};
}

/// Another saga as a part of this one.
template <class Input>
call to_saga(std::string definition, std::string business_id, const Input& input) {
  return {call::target::saga, std::move(definition), std::move(business_id), encode(input)};
}

/// The end of another saga; the call's result is the name of its last status ("completed"). None at all is
/// fine too: the result is then "unstarted".
inline call to_end_of(std::string definition, std::string business_id) {
  return {call::target::saga_end, std::move(definition), std::move(business_id), {}};
}
inline call to_cancel(std::string definition, std::string business_id, std::string reason) {
  return {call::target::saga_cancel, std::move(definition), std::move(business_id), std::move(reason)};
}

/// The id of a saga's entity.
inline std::string saga_id(std::string_view definition, std::string_view business_id) {
  return std::string(definition).append("-").append(business_id);
}

}  // namespace bv::sagas
