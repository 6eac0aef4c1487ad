#pragma once

#include <string_view>
#include <vector>

namespace bv::http {

/// A file of /docs as the build packed it into the program.
struct packed_asset {
  std::string_view name, media_type;
  std::string_view gzip;
};

/// Swagger UI and the page that starts it (made by docs/embed.py).
std::vector<packed_asset> docs_assets();

}  // namespace bv::http
