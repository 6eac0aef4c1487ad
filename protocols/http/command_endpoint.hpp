#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocols/http/endpoint.hpp"

namespace bv::http {

/// How a command is addressed and answered.
struct command_route {
  const schema::aggregate_contract* contract = nullptr;
  const schema::command_type* command = nullptr;
  schema::entity_source entity = schema::entity_source::path;
  std::uint16_t success = 200;
  std::string location;                 ///< template; empty for none
  std::vector<std::string> parameters;  ///< of the path, in order; `id` is the entity's
};

/// A command's route. Errors: `bad_route` if its Location needs what is not known when it is answered.
result<std::unique_ptr<endpoint>> make_command_endpoint(const surroundings& around,
                                                        const schema::aggregate_contract& contract,
                                                        const schema::command_type& command,
                                                        const schema::route& route);

/// POST /api/actors/{type}/{id}/{command}: any command of any aggregate.
std::unique_ptr<endpoint> make_any_command_endpoint(const surroundings& around);

}  // namespace bv::http
