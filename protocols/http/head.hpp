#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocols/http/message.hpp"

namespace bv::http {

void append_number(std::string& out, std::size_t value, int base = 10);

/// What the connection knows about the answer that it is going to send.
struct framing {
  bool http_1_0 = false;
  bool close = false;  ///< the connection ends with this answer
  std::string_view date;
};

/// 204 and 304 never have a body (RFC 9110 section 6.4.1).
bool bodiless(int status);

/// Appends status line and fields, the empty line included.
void append_head(std::string& out, const response& answer, const framing& how);

}  // namespace bv::http
