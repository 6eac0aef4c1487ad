#include "tools/node/own_environment.hpp"

#include <unistd.h>

namespace bv::tools {

environment own_environment() {
  environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const auto equals = text.find('='); equals != std::string_view::npos && text.starts_with("BV_"))
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace bv::tools
