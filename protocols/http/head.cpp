#include "protocols/http/head.hpp"

#include <charconv>

namespace bv::http {

void append_number(std::string& out, std::size_t value, int base) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, base).ptr);
}

bool bodiless(int status) {
  return status == 204 || status == 304;
}

void append_head(std::string& out, const response& answer, const framing& how) {
  out += how.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(answer.status));
  (out += ' ').append(reason_phrase(answer.status)).append("\r\nDate: ").append(how.date) += "\r\n";
  if (answer.streamed) {
    if (!how.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless(answer.status)) {
    append_number(out += "Content-Length: ", answer.content().size());
    out += "\r\n";
  }
  if (!answer.etag.empty()) out.append("ETag: ").append(answer.etag) += "\r\n";
  if (how.close)
    out += "Connection: close\r\n";
  else if (how.http_1_0)
    out += "Connection: keep-alive\r\n";
  out.append(answer.fields()) += "\r\n";
}

}  // namespace bv::http
