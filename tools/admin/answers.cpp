#include "tools/admin/answers.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "tools/exit_codes.hpp"

namespace bv::tools {

void print_json(const boost::json::object& said) { std::printf("%s\n", boost::json::serialize(said).c_str()); }

int give_up(const std::string& command, const error& why) {
  std::fprintf(stderr, "bv admin %s: %s\n", command.c_str(), describe(why).c_str());
  return why.kind == error_kind::invalid ? exit_usage : exit_failed;
}

}  // namespace bv::tools
