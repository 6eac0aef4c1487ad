#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "protocols/schema/base/result.hpp"

/// How the commands of `bv admin` answer whoever asked.
namespace bv::tools {

/// On standard output, as one line.
void print_json(const boost::json::object& said);

/// Says on standard error why `bv admin <command>` did not do it. The exit code.
int give_up(const std::string& command, const error& why);

}  // namespace bv::tools
